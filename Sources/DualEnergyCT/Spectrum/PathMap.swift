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
    func response(_ path: RayPath) -> BeamResponse {
        response(waterCm: path.waterCm, mineralGPerCm2: path.mineralGPerCm2)
    }
}

/// The local response of a pair of beams: what the rays through each place have passed on average over the directions.
///
/// Both images together say how much water and how much mineral a place stands for (any tissue is a sum of the two, and
/// fat is water with less than no mineral: it hardens the beam less). Their line integrals give the means over the
/// directions, and what the mineral of a place does to itself: `SlabPaths`.
public struct PathMap: Sendable {
    private let columns: Int
    private let rows: Int
    private let slabs: Int
    let voxelsPerCell: (column: Int, row: Int, slice: Int)
    private var responses: [PairResponse]
    private var tables: (low: ResponseTable, high: ResponseTable)
    private var factors = (low: 1.0, high: 1.0)
    /// Quarters of cells with dense mineral, slab by slab and row by row, and what counts of the mineral in g/cm2 there.
    private let densePlaces: [Int]
    private let densePaths: [Float]
    /// What the rays through each cell have passed on average.
    private let passed: [RayPath]
    /// The response in the middle of the body's distribution of paths.
    public private(set) var typical: PairResponse
    /// Median over the body of the mean water-equivalent path, in cm.
    public var typicalWaterCm: Double { typicalPath.waterCm }
    package let typicalPath: RayPath

    private static let slabMm = 6.0

    static func slicesPerCell(spacingMm: Double) -> Int { max(1, Int(slabMm / spacingMm)) }

    /// - Parameters:
    ///   - images: at low and at high energy, on one grid; air outside the body counts as nothing.
    ///   - tables: of the same beams.
    public init(
        of images: (low: Volume<Int16>, high: Volume<Int16>), tables: (low: ResponseTable, high: ResponseTable)
    ) {
        let g = images.low.geometry
        let extentMm = max(Double(g.columns) * g.columnSpacingMm, Double(g.rows) * g.rowSpacingMm)
        let cellMm = max(4, extentMm / 64)
        // Paths are computed on quarters of the cells for which they are stored.
        func voxels(_ spacing: Double) -> Int { max(4, Int(cellMm / spacing / 4) * 4) }
        voxelsPerCell = (
            voxels(g.columnSpacingMm), voxels(g.rowSpacingMm), Self.slicesPerCell(spacingMm: g.sliceSpacingMm)
        )
        columns = (g.columns + voxelsPerCell.column - 1) / voxelsPerCell.column
        rows = (g.rows + voxelsPerCell.row - 1) / voxelsPerCell.row
        slabs = (g.slices + voxelsPerCell.slice - 1) / voxelsPerCell.slice
        let (columns, rows, slabs, per) = (columns, rows, slabs, voxelsPerCell)
        typealias Found = (cells: [(fill: Double, path: RayPath)], dense: [(place: Int, mineralGPerCm2: Float)])
        var found = [Found](repeating: ([], []), count: slabs)
        found.withUnsafeMutableBufferPointer { found in
            let found = found
            concurrently(slabs, voxels: g.voxelCount) { range in
                for slab in range {
                    let slices = (slab * per.slice)..<min((slab + 1) * per.slice, g.slices)
                    let paths = SlabPaths(
                        SlabSection(
                            images, slices: slices, places: (4 * columns, 4 * rows),
                            per: (per.column / 4, per.row / 4)), tables: tables)
                    found[slab] = (paths.cells(), paths.dense())
                }
            }
        }
        let everywhere = found.flatMap { $0.cells.map(\.path) }
        let isBody = found.flatMap { $0.cells.map { $0.fill > 0.5 } }
        let outside = RayPath(waterCm: 0, mineralGPerCm2: 0)
        let air = PairResponse(low: tables.low.response(outside), high: tables.high.response(outside))
        responses = everywhere.map {
            $0 == outside ? air : PairResponse(low: tables.low.response($0), high: tables.high.response($0))
        }
        passed = everywhere
        self.tables = tables
        let places = 16 * columns * rows
        densePlaces = found.enumerated().flatMap { slab, found in found.dense.map { slab * places + $0.place } }
        densePaths = found.flatMap { $0.dense.map(\.mineralGPerCm2) }
        let paths = zip(everywhere, isBody).filter(\.1).map(\.0)
        let water = paths.map(\.waterCm).sorted()
        let mineral = paths.map(\.mineralGPerCm2).sorted()
        typicalPath = RayPath(
            waterCm: water.isEmpty ? 5 : water[water.count / 2],
            mineralGPerCm2: mineral.isEmpty ? 0 : mineral[mineral.count / 2])
        typical = PairResponse(low: tables.low.response(typicalPath), high: tables.high.response(typicalPath))
    }

    /// The same body behind other beams: the paths stay, what they do to the beams is computed anew.
    package func behind(low: ResponseTable, high: ResponseTable) -> PathMap {
        var result = self
        result.responses = passed.map { PairResponse(low: low.response($0), high: high.response($0)) }
        result.typical = PairResponse(low: low.response(typicalPath), high: high.response(typicalPath))
        (result.tables, result.factors) = ((low, high), (1, 1))
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
        result.factors = (factors.low * low, factors.high * high)
        return result
    }

    /// The response at a voxel of the image.
    public func response(_ i: Int, _ j: Int, _ k: Int) -> PairResponse { responses[cell(i, j, k)] }

    /// The response in the middle of some voxels, indices of the image; not empty.
    ///
    /// What dense mineral does to itself changes within a cell of the map: here it is taken place by place.
    package func response(over voxels: [Int], of g: GridGeometry) -> PairResponse {
        var mean = RayPath(waterCm: 0, mineralGPerCm2: 0)
        let share = 1 / Double(voxels.count)
        for n in voxels {
            let (i, j, k) = g.coordinates(n)
            let path = path(i, j, k)
            mean.waterCm += share * path.waterCm
            mean.mineralGPerCm2 += share * (densePath(i, j, k) ?? path.mineralGPerCm2)
        }
        var response = PairResponse(low: tables.low.response(mean), high: tables.high.response(mean))
        response.low.hydroxyapatite *= factors.low
        response.high.hydroxyapatite *= factors.high
        return response
    }

    /// Nil where there is no dense mineral.
    private func densePath(_ i: Int, _ j: Int, _ k: Int) -> Double? {
        let per = voxelsPerCell
        let (column, row) = (min(4 * i / per.column, 4 * columns - 1), min(4 * j / per.row, 4 * rows - 1))
        let place = (min(k / per.slice, slabs - 1) * 4 * rows + row) * 4 * columns + column
        var (low, high) = (0, densePlaces.count)
        while low < high {
            let middle = (low + high) / 2
            if densePlaces[middle] < place { low = middle + 1 } else { high = middle }
        }
        return low < densePlaces.count && densePlaces[low] == place ? Double(densePaths[low]) : nil
    }

    /// What the rays through a voxel have passed on average.
    package func path(_ i: Int, _ j: Int, _ k: Int) -> RayPath { passed[cell(i, j, k)] }

    private func cell(_ i: Int, _ j: Int, _ k: Int) -> Int {
        let column = min(i / voxelsPerCell.column, columns - 1)
        let row = min(j / voxelsPerCell.row, rows - 1)
        let slab = min(k / voxelsPerCell.slice, slabs - 1)
        return (slab * rows + row) * columns + column
    }
}
