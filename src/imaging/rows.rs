//! The rows of a volume sorted for work along y or z: recursions along an axis run on whole rows side by side, and
//! different groups of rows in parallel, each writing only its own.

/// Mutable rows along x, grouped by the lines of rows along an axis (1 or 2): for y one group a plane, for z one group a
/// row of the first plane. Within a group they follow each other along the axis.
pub(super) fn rows_along<T>(
    values: &mut [T],
    shape: [usize; 3],
    axis: usize,
) -> Vec<Vec<&mut [T]>> {
    let [nx, ny, nz] = shape;
    let groups = if axis == 1 { nz } else { ny };
    let mut rows: Vec<Vec<&mut [T]>> = (0..groups)
        .map(|_| Vec::with_capacity(shape[axis]))
        .collect();
    for (number, row) in values.chunks_exact_mut(nx).enumerate() {
        let group = if axis == 1 { number / ny } else { number % ny };
        rows[group].push(row);
    }
    rows
}
