import Glibc

/// What a ray has passed: a length of water in cm and an areal density of hydroxyapatite in g/cm2.
package struct RayPath: Sendable, Equatable {
    package var waterCm: Double
    package var mineralGPerCm2: Double

    package init(waterCm: Double, mineralGPerCm2: Double) {
        self.waterCm = waterCm
        self.mineralGPerCm2 = mineralGPerCm2
    }
}

extension ResponseTable {
    fileprivate func response(_ path: RayPath) -> BeamResponse {
        response(waterCm: path.waterCm, mineralGPerCm2: path.mineralGPerCm2)
    }
}

/// The local response of a pair of beams: what the rays through each place have passed on average over the directions.
///
/// A small insert's CT number is the mean over all view angles of what its rays see, so the response is computed for
/// 16 directions in the slice and averaged. Water comes from the low-energy image itself, mineral from what stands
/// above soft tissue in it.
public struct PathMap: Sendable {
    private let columns: Int
    private let rows: Int
    private let slabs: Int
    let voxelsPerCell: (column: Int, row: Int, slice: Int)
    private var responses: [PairResponse]
    /// What the rays through each cell have passed on average.
    private let passed: [RayPath]
    /// The response in the middle of the body's distribution of paths.
    public private(set) var typical: PairResponse
    /// Median over the body of the mean water-equivalent path, in cm.
    public var typicalWaterCm: Double { typicalPath.waterCm }
    package let typicalPath: RayPath

    private static let directions = 16
    private static let slabMm = 6.0
    /// Where mineral begins to count, in HU at low energy: above any soft tissue.
    private static let mineralFloorHU = 200.0

    static func slicesPerCell(spacingMm: Double) -> Int { max(1, Int(slabMm / spacingMm)) }

    /// - Parameter image: the low-energy image; air outside the body counts as nothing.
    public init(image: Volume<Int16>, low: ResponseTable, high: ResponseTable) {
        let g = image.geometry
        let extentMm = max(Double(g.columns) * g.columnSpacingMm, Double(g.rows) * g.rowSpacingMm)
        let cellMm = max(4, extentMm / 64)
        voxelsPerCell = (
            max(1, Int(cellMm / g.columnSpacingMm)), max(1, Int(cellMm / g.rowSpacingMm)),
            Self.slicesPerCell(spacingMm: g.sliceSpacingMm)
        )
        columns = (g.columns + voxelsPerCell.column - 1) / voxelsPerCell.column
        rows = (g.rows + voxelsPerCell.row - 1) / voxelsPerCell.row
        slabs = (g.slices + voxelsPerCell.slice - 1) / voxelsPerCell.slice
        let slope = low.response(waterCm: 5).hydroxyapatite
        let (columns, rows, slabs, per) = (columns, rows, slabs, voxelsPerCell)
        let area = columns * rows
        var everywhere = [RayPath](repeating: RayPath(waterCm: 0, mineralGPerCm2: 0), count: area * slabs)
        var isBody = [Bool](repeating: false, count: area * slabs)
        everywhere.withUnsafeMutableBufferPointer { everywhere in
            isBody.withUnsafeMutableBufferPointer { isBody in
                let (everywhere, isBody) = (everywhere, isBody)
                concurrently(slabs, voxels: g.voxelCount) { range in
                    for slab in range {
                        let slice = CoarseSlice(
                            image, slab: slab, cells: (columns, rows), per: per,
                            mineralFloorHU: Self.mineralFloorHU, slope: slope)
                        for cell in 0..<area {
                            everywhere[slab * area + cell] = slice.meanPath(
                                column: cell % columns, row: cell / columns, directions: Self.directions)
                            isBody[slab * area + cell] = slice.water[cell] > 0.5
                        }
                    }
                }
            }
        }
        let outside = RayPath(waterCm: 0, mineralGPerCm2: 0)
        let air = PairResponse(low: low.response(outside), high: high.response(outside))
        responses = everywhere.map {
            $0 == outside ? air : PairResponse(low: low.response($0), high: high.response($0))
        }
        passed = everywhere
        let paths = zip(everywhere, isBody).filter(\.1).map(\.0)
        let water = paths.map(\.waterCm).sorted()
        let mineral = paths.map(\.mineralGPerCm2).sorted()
        typicalPath = RayPath(
            waterCm: water.isEmpty ? 5 : water[water.count / 2],
            mineralGPerCm2: mineral.isEmpty ? 0 : mineral[mineral.count / 2])
        typical = PairResponse(low: low.response(typicalPath), high: high.response(typicalPath))
    }

    /// The same body behind other beams: the paths stay, what they do to the beams is computed anew.
    package func behind(low: ResponseTable, high: ResponseTable) -> PathMap {
        var result = self
        result.responses = passed.map { PairResponse(low: low.response($0), high: high.response($0)) }
        result.typical = PairResponse(low: low.response(typicalPath), high: high.response(typicalPath))
        return result
    }

    /// With the slopes of hydroxyapatite multiplied by a factor for each image.
    package func scaled(low: Double, high: Double) -> PathMap {
        func scale(_ response: inout PairResponse) {
            response.low.hydroxyapatite *= low
            response.high.hydroxyapatite *= high
        }
        var result = self
        for n in result.responses.indices { scale(&result.responses[n]) }
        scale(&result.typical)
        return result
    }

    /// The response at a voxel of the image.
    public func response(_ i: Int, _ j: Int, _ k: Int) -> PairResponse { responses[cell(i, j, k)] }

    /// What the rays through a voxel have passed on average.
    package func path(_ i: Int, _ j: Int, _ k: Int) -> RayPath { passed[cell(i, j, k)] }

    private func cell(_ i: Int, _ j: Int, _ k: Int) -> Int {
        let column = min(i / voxelsPerCell.column, columns - 1)
        let row = min(j / voxelsPerCell.row, rows - 1)
        let slab = min(k / voxelsPerCell.slice, slabs - 1)
        return (slab * rows + row) * columns + column
    }
}

/// One slab of the body on a coarse grid: water relative to water, and mineral in g/cm3.
private struct CoarseSlice {
    let columns: Int
    let rows: Int
    let columnMm: Double
    let rowMm: Double
    var water: [Double]
    var mineral: [Double]

    init(
        _ image: Volume<Int16>, slab: Int, cells: (columns: Int, rows: Int),
        per: (column: Int, row: Int, slice: Int), mineralFloorHU: Double, slope: Double
    ) {
        let g = image.geometry
        columns = cells.columns
        rows = cells.rows
        columnMm = Double(per.column) * g.columnSpacingMm
        rowMm = Double(per.row) * g.rowSpacingMm
        water = [Double](repeating: 0, count: cells.columns * cells.rows)
        mineral = water
        let slices = (slab * per.slice)..<min((slab + 1) * per.slice, g.slices)
        let share = 1 / Double(per.column * per.row * slices.count)
        image.voxels.withUnsafeBufferPointer { voxels in
            for k in slices {
                for j in 0..<g.rows {
                    let start = g.index(0, j, k)
                    let cellRow = j / per.row * cells.columns
                    for i in 0..<g.columns {
                        let value = Double(voxels[start + i])
                        guard value > -500 else { continue }
                        let cell = cellRow + i / per.column
                        // Above the floor a voxel is mineral on soft tissue: only the tissue counts as water.
                        water[cell] += share * (1000 + min(value, mineralFloorHU / 4)) / 1000
                        if value > mineralFloorHU { mineral[cell] += share * value / slope / 1000 }
                    }
                }
            }
        }
    }

    /// Mean over directions of the water in cm and the mineral in g/cm2 along the line through a cell.
    func meanPath(column: Int, row: Int, directions: Int) -> RayPath {
        guard water[row * columns + column] > 0.05 else { return RayPath(waterCm: 0, mineralGPerCm2: 0) }
        let step = min(columnMm, rowMm)
        let reach = Int((Double(columns) * columnMm + Double(rows) * rowMm) / step)
        var (waterSum, mineralSum) = (0.0, 0.0)
        for direction in 0..<directions {
            let angle = Double.pi * Double(direction) / Double(directions)
            let (dx, dy) = (cos(angle) * step / columnMm, sin(angle) * step / rowMm)
            for sign in [-1.0, 1.0] {
                for n in (sign < 0 ? 1 : 0)...reach {
                    let x = Double(column) + 0.5 + sign * Double(n) * dx
                    let y = Double(row) + 0.5 + sign * Double(n) * dy
                    guard x >= 0, y >= 0, x < Double(columns), y < Double(rows) else { break }
                    let cell = Int(y) * columns + Int(x)
                    waterSum += water[cell]
                    mineralSum += mineral[cell]
                }
            }
        }
        let lengthCm = step / 10 / Double(directions)
        return RayPath(waterCm: waterSum * lengthCm, mineralGPerCm2: mineralSum * lengthCm)
    }
}
