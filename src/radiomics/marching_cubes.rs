//! Triangles between the voxels of a region and those outside, by the cube of eight voxels.
//!
//! Vertices lie in the middle of the edges of a cube. Corners: 0 (0,0,0), 1 (1,0,0), 2 (1,1,0), 3 (0,1,0), and 4 to 7 the
//! same one voxel further along z; edges: 0 to 3 between corners 0–1, 1–2, 2–3, 3–0; 4 to 7 the same along z; 8 to 11 from
//! corners 0 to 3 along z. A cube whose corner 7 lies inside has the triangles of the cube with inside and outside
//! exchanged, the other way round.
//! Source: Lorensen & Cline 1987, in the triangulation in common use (Bourke 1994), which area and volume depend on.

/// Middle of each edge, in halves of a voxel.
pub(super) const EDGES: [[i64; 3]; 12] = [
    [1, 0, 0],
    [2, 1, 0],
    [1, 2, 0],
    [0, 1, 0],
    [1, 0, 2],
    [2, 1, 2],
    [1, 2, 2],
    [0, 1, 2],
    [0, 0, 1],
    [2, 0, 1],
    [2, 2, 1],
    [0, 2, 1],
];

/// The edges of the triangles of a cube, three by three, `a` and `b` for 10 and 11, by the corners 0 to 6 inside.
const TRIANGLES: [&[u8]; 128] = [
    b"",
    b"083",
    b"019",
    b"183981",
    b"12a",
    b"08312a",
    b"92a029",
    b"2832a8a98",
    b"3b2",
    b"0b28b0",
    b"19023b",
    b"1b219b98b",
    b"3a1ba3",
    b"0a108a8ba",
    b"3903b9ba9",
    b"98aa8b",
    b"478",
    b"430734",
    b"019847",
    b"419471731",
    b"12a847",
    b"34730412a",
    b"92a902847",
    b"2a9297273794",
    b"8473b2",
    b"b47b24204",
    b"90184723b",
    b"47b94b9b2921",
    b"3a13ba784",
    b"1ba14b1047b4",
    b"47890b9bab03",
    b"47b4b99ba",
    b"954",
    b"954083",
    b"054150",
    b"854835315",
    b"12a954",
    b"30812a495",
    b"52a542402",
    b"2a5325354348",
    b"95423b",
    b"0b208b495",
    b"05401523b",
    b"21525828b485",
    b"a3ba13954",
    b"4950818a18ba",
    b"54050b5bab03",
    b"54858aa8b",
    b"978579",
    b"930953573",
    b"078017157",
    b"153357",
    b"978957a12",
    b"a12950530573",
    b"802825857a52",
    b"2a5253357",
    b"7957893b2",
    b"95797292027b",
    b"23b018178157",
    b"b21b17715",
    b"958857a13a3b",
    b"5705097b010aba0",
    b"ba0b03a50807570",
    b"ba57b5",
    b"a65",
    b"0835a6",
    b"9015a6",
    b"1831985a6",
    b"165261",
    b"165126308",
    b"965906026",
    b"598582526328",
    b"23ba65",
    b"b08b20a65",
    b"01923b5a6",
    b"5a61929b298b",
    b"63b653513",
    b"08b0b50515b6",
    b"3b6036065059",
    b"65969bb98",
    b"5a6478",
    b"43047365a",
    b"1905a6847",
    b"a65197173794",
    b"612651478",
    b"125526304347",
    b"847905065026",
    b"739794329596269",
    b"3b2784a65",
    b"5a647242027b",
    b"01947823b5a6",
    b"9219b294b7b45a6",
    b"8473b53515b6",
    b"51b5b610b7b404b",
    b"059065036b63847",
    b"65969b4797b9",
    b"a4964a",
    b"4a649a083",
    b"a01a60640",
    b"83181686461a",
    b"149124264",
    b"308129249264",
    b"024426",
    b"832824426",
    b"a49a64b23",
    b"08228b49a4a6",
    b"3b201606461a",
    b"64161a48121b8b1",
    b"964936913b63",
    b"8b1810b61914641",
    b"3b6360064",
    b"648b68",
    b"7a678a89a",
    b"0730a709a67a",
    b"a671a7178180",
    b"a67a71173",
    b"126168189867",
    b"269291679093739",
    b"780706602",
    b"732672",
    b"23ba68a89867",
    b"20727b09767a9a7",
    b"1801781a767a23b",
    b"b21b17a61671",
    b"896867916b63136",
    b"091b67",
    b"7807063b0b60",
    b"7b6",
];

/// The edges of a cube's triangles, and whether they are those of the opposite cube.
pub(super) fn triangles(corners: u8) -> (Vec<[usize; 3]>, bool) {
    let opposite = corners & 0x80 != 0;
    let row = TRIANGLES[usize::from(if opposite { !corners } else { corners })];
    let edges: Vec<usize> = row
        .iter()
        .filter_map(|digit| char::from(*digit).to_digit(16))
        .map(|edge| edge as usize)
        .collect();
    let triangles = edges
        .chunks_exact(3)
        .map(|edges| [edges[0], edges[1], edges[2]])
        .collect();
    (triangles, opposite)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{EDGES, triangles};

    /// Corners of an edge: those that its middle lies between.
    fn corners(edge: usize) -> [usize; 2] {
        let corner = |place: [i64; 3]| match place {
            [0, 0, z] => 4 * z as usize,
            [1, 0, z] => 1 + 4 * z as usize,
            [1, 1, z] => 2 + 4 * z as usize,
            [_, _, z] => 3 + 4 * z as usize,
        };
        let middle = EDGES[edge];
        [
            corner(middle.map(|half| half / 2)),
            corner(middle.map(|half| (half + 1) / 2)),
        ]
    }

    /// A triangle has corners only where the surface passes: between a voxel inside and one outside, and all such edges.
    #[test]
    fn vertices_lie_between_inside_and_outside() {
        for cube in 0..=255_u8 {
            let used: Vec<usize> = triangles(cube).0.into_iter().flatten().collect();
            for edge in 0..12 {
                let [a, b] = corners(edge).map(|corner| cube >> corner & 1);
                assert_eq!(used.contains(&edge), a != b, "cube {cube}, edge {edge}");
            }
        }
    }

    /// Within a cube the triangles of a loop meet: an inner side belongs to two triangles, in opposite directions.
    #[test]
    fn triangles_meet_along_their_sides() {
        for cube in 0..=255_u8 {
            let mut sides: BTreeMap<(usize, usize), usize> = BTreeMap::new();
            for [a, b, c] in triangles(cube).0 {
                for side in [(a, b), (b, c), (c, a)] {
                    *sides.entry(side).or_default() += 1;
                }
            }
            assert!(sides.values().all(|count| *count == 1), "cube {cube}");
        }
    }
}
