//! Zones: connected voxels of one level.

use super::levels::Levels;

/// The zone of each voxel of the padded box: the index of the zone's first voxel. Voxels touch also at edges and corners
/// (26 neighbours; 8 in a plane). Outside the region a voxel is its own.
///
/// Union-find with the smaller index as root. A row is joined with the rows before it that touch it; where the voxel
/// straight across has the same level it joins those beside it, and where the voxel to the left has the same level
/// only what lies to the right across is new.
pub(super) fn zones(levels: &Levels, in_plane: bool) -> Vec<u32> {
    let [nx, ny, _] = levels.padded;
    let mut rows = vec![nx];
    if !in_plane {
        rows.extend([nx * ny, nx * ny - nx, nx * ny + nx]);
    }
    let mut zone: Vec<u32> = (0..levels.levels.len() as u32).collect();
    // Bits of each voxel: which neighbours across (0 to 3), to the left (4 to 7) and right (8 to 11) of them are alike.
    let mut alike = vec![0_u16; levels.size[0]];
    for span in &levels.spans {
        let start = span.start;
        let row = &levels.levels[span.clone()];
        let alike = &mut alike[..row.len()];
        alike.fill(0);
        for (bit, back) in rows.iter().enumerate() {
            for (shift, from) in [
                (0, start - back),
                (4, start - back - 1),
                (8, start - back + 1),
            ] {
                let before = &levels.levels[from..from + row.len()];
                for ((alike, level), before) in alike.iter_mut().zip(row).zip(before) {
                    *alike |= u16::from(level == before) << (shift + bit);
                }
            }
        }
        let mut left = 0;
        for (x, (level, alike)) in row.iter().zip(alike.iter()).enumerate() {
            let continued = *level == left;
            left = *level;
            if *level == 0 {
                continue;
            }
            let voxel = start + x;
            let (across, before, after) = (alike & 15, (alike >> 4) & 15, (alike >> 8) & 15);
            let mut root = if continued {
                root_of(&mut zone, voxel - 1)
            } else {
                voxel as u32
            };
            zone[voxel] = root;
            let mut join = |bits: u16, shift: usize| {
                let mut bits = bits;
                while bits != 0 {
                    let back = rows[bits.trailing_zeros() as usize];
                    bits &= bits - 1;
                    let other = root_of(&mut zone, voxel - back - 1 + shift);
                    if other < root {
                        zone[root as usize] = other;
                        root = other;
                    } else {
                        zone[other as usize] = root;
                    }
                }
            };
            join(after & !across, 2);
            if !continued {
                join(across, 1);
                join(before & !across, 0);
            }
        }
    }
    for voxel in &levels.voxels {
        let voxel = *voxel as usize;
        zone[voxel] = zone[zone[voxel] as usize];
    }
    zone
}

/// The root of a voxel's zone; the way there is halved.
fn root_of(zone: &mut [u32], voxel: usize) -> u32 {
    let mut at = voxel;
    loop {
        let next = zone[at] as usize;
        if next == at {
            return at as u32;
        }
        let after = zone[next];
        zone[at] = after;
        at = after as usize;
    }
}
