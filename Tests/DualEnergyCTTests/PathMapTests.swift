import DualEnergyCT
import Testing

/// Cylinders along the slices in air, painted with the CT numbers behind the path that they make.
private struct Disc {
    static let tables = (
        low: ResponseTable(.tube(kilovolts: 80, tinMm: 0)), high: ResponseTable(.tube(kilovolts: 150, tinMm: 0.6))
    )
    let paths: PathMap
    private let geometry: GridGeometry
    static let size = 240

    /// - Parameter rods: places in mm from the middle, radii in mm, and mg/cm3 of hydroxyapatite in water.
    init(radiusMm: Double, fat: Bool = false, rods: [(x: Double, y: Double, radius: Double, density: Double)] = []) {
        let g = GridGeometry(
            columns: Self.size, rows: Self.size, slices: 6, columnSpacingMm: 0.5, rowSpacingMm: 0.5,
            sliceSpacingMm: 1)
        let response = PairResponse(
            low: Self.tables.low.response(waterCm: 2 * radiusMm / 10),
            high: Self.tables.high.response(waterCm: 2 * radiusMm / 10))
        geometry = g
        var low = Volume<Int16>(geometry: g, repeating: -1000)
        var high = low
        for n in low.voxels.indices {
            let x = (Double(n % g.columns) - 119.5) * 0.5
            let y = (Double(n / g.columns % g.rows) - 119.5) * 0.5
            guard x * x + y * y < radiusMm * radiusMm else { continue }
            var (a, b) = fat ? (response.low.adiposeHU, response.high.adiposeHU) : (0, 0)
            for rod in rods {
                let (dx, dy) = (x - rod.x, y - rod.y)
                if dx * dx + dy * dy < rod.radius * rod.radius {
                    a = rod.density * response.low.hydroxyapatite
                    b = rod.density * response.high.hydroxyapatite
                }
            }
            (low.voxels[n], high.voxels[n]) = (Int16(a.rounded()), Int16(b.rounded()))
        }
        paths = PathMap(of: (low, high), tables: Self.tables)
    }

    /// The response over a disc about a place in mm from the middle.
    func response(_ x: Double, _ y: Double, radiusMm: Double) -> PairResponse {
        let voxels = (0..<(Self.size * Self.size)).filter { n in
            let (dx, dy) = ((Double(n % Self.size) - 119.5) * 0.5 - x, (Double(n / Self.size) - 119.5) * 0.5 - y)
            return dx * dx + dy * dy < radiusMm * radiusMm
        }
        return paths.response(over: voxels, of: geometry)
    }

    /// The path at a place in mm from the middle.
    func path(_ x: Double, _ y: Double) -> RayPath { paths.path(Int(x * 2) + 120, Int(y * 2) + 120, 3) }
}

struct PathMapTests {
    @Test
    func inTheMiddleOfWaterRaysPassItsDiameter() {
        let path = Disc(radiusMm: 50).path(0, 0)
        #expect(abs(path.waterCm - 10) < 0.2)
        #expect(abs(path.mineralGPerCm2) < 0.01)
    }

    /// Abel's inversion of the square of a disc's chords: `4 c sqrt(R^2 - r^2) / pi`.
    @Test
    func aRodsOwnMineralCountsAsReconstructionBendsIt() {
        let path = Disc(radiusMm: 50, rods: [(20, 0, 10, 600)]).path(20, 0)
        #expect(abs(path.mineralGPerCm2 - 4 * 0.6 * 1 / .pi) < 0.08)
    }

    /// Within a cell of the map the path of a small rod's own mineral falls from its middle to its rim.
    @Test
    func theResponseOfARegionKnowsWhereInTheRodItLies() {
        let disc = Disc(radiusMm: 50, rods: [(21, 1, 4.5, 800)])
        let middle = disc.response(21, 1, radiusMm: 1.5)
        let expected = Disc.tables.low.response(waterCm: disc.path(21, 1).waterCm, mineralGPerCm2: 4 * 0.8 * 0.44 / .pi)
        #expect(abs(middle.low.hydroxyapatite / expected.hydroxyapatite - 1) < 0.003)
    }

    @Test
    func mineralOfOthersCountsInFull() {
        // Seen from the small rod, the large one covers 2 asin(8 / 30) of half a turn, with chords of a disc.
        let both = Disc(radiusMm: 55, rods: [(-25, 0, 8, 800), (5, 0, 3, 100)]).path(5, 0)
        let alone = Disc(radiusMm: 55, rods: [(5, 0, 3, 100)]).path(5, 0)
        // The mean over all directions of the chords of a disc of radius R seen from the distance d is R^2 / d, nearly.
        let expected = 0.8 * 0.64 / 3 * (1 + 0.25 * 0.64 / 9)
        #expect(abs(both.mineralGPerCm2 - alone.mineralGPerCm2 - expected) < 0.25 * expected)
    }

    @Test
    func fatHardensLessThanAsMuchWater() {
        let path = Disc(radiusMm: 50, fat: true).path(0, 0)
        #expect(path.mineralGPerCm2 < -0.2 && path.mineralGPerCm2 > -0.6)
        let fat = Disc.tables.low.response(waterCm: path.waterCm, mineralGPerCm2: path.mineralGPerCm2)
        let water = Disc.tables.low.response(waterCm: path.waterCm)
        #expect(fat.hydroxyapatite > 1.02 * water.hydroxyapatite)
    }
}
