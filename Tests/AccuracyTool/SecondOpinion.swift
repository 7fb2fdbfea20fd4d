import DualEnergyCT
import Foundation

/// What the core makes of images that another simulator wrote, its filtration untold.
///
/// `scripts/benchmark second_opinion` simulates with XCIST and prints the table; here one pair of one cylinder is read
/// (Int16, HU, one slice, rows from top to bottom) and its rods are weighed.
enum SecondOpinion {
    private struct Facts: Decodable {
        struct Part: Decodable {
            var name: String
            var radiusMm: Double
            var xMm: Double
            var yMm: Double
        }
        var pixelMm: Double
        var size: Int
        var parts: [Part]
    }

    /// `CASE LOW HIGH`, such as `water-10cm 80 Sn150`, in a folder; prints a line of JSON for each rod.
    static func run(_ arguments: [String]) -> Bool {
        guard arguments.count == 4, let low = read(arguments[0], arguments[1], arguments[2]),
            let high = read(arguments[0], arguments[1], arguments[3])
        else { return false }
        let (lowBeam, highBeam) = (beam(arguments[2]), beam(arguments[3]))
        var paths = PathMap(
            of: (low.image, high.image), tables: (ResponseTable(lowBeam), ResponseTable(highBeam)))
        var calibration = CalibrationUncertainty.table(low: lowBeam, high: highBeam)
        var aluminiumMm = Double.nan
        if let bone = bone(low, high, paths, lowBeam, highBeam) {
            aluminiumMm = bone.aluminiumMm
            calibration = bone.uncertainty
            paths = bone.applied(to: paths, low: lowBeam, high: highBeam)
        }
        for part in low.facts.parts where part.name.hasPrefix("HA") || part.name.hasPrefix("MSU") {
            let region = RegionReading(low.image, high.image, pixelMm: low.facts.pixelMm, xMm: part.xMm, yMm: part.yMm)
            let response = paths.response(region.column, region.row, 0)
            let truth = Double(part.name.drop { !$0.isNumber }) ?? .nan
            let found = region.density(response, calibration)
            let row = Row(
                name: part.name, value: found.value,
                detail: [
                    ("truth", truth), ("deviation", found.deviation), ("ratio", region.low / region.high),
                    ("modelRatio", response.calciumRatio), ("measuredSlopeLow", region.low / truth),
                    ("measuredSlopeHigh", region.high / truth), ("slopeLow", region.slopes(response).low),
                    ("slopeHigh", region.slopes(response).high), ("aluminiumMm", aluminiumMm),
                ])
            print(row.json)
        }
        return true
    }

    private static func beam(_ name: String) -> BeamQuality {
        let tin = name.hasPrefix("Sn")
        let kilovolts = Double(tin ? String(name.dropFirst(2)) : name) ?? 0
        return .tube(kilovolts: kilovolts, tinMm: tin ? (kilovolts == 150 ? 0.6 : 0.4) : 0)
    }

    private static func read(_ folder: String, _ scan: String, _ beam: String) -> (image: Volume<Int16>, facts: Facts)?
    {
        let base = URL(fileURLWithPath: folder).appendingPathComponent("\(scan)-\(beam)")
        guard let data = try? Data(contentsOf: base.appendingPathExtension("raw")),
            let json = try? Data(contentsOf: base.appendingPathExtension("json")),
            let facts = try? JSONDecoder().decode(Facts.self, from: json), data.count == 2 * facts.size * facts.size
        else { return nil }
        let voxels = (0..<(facts.size * facts.size)).map { n in
            Int16(bitPattern: UInt16(data[2 * n]) | UInt16(data[2 * n + 1]) << 8)
        }
        let g = GridGeometry(
            columns: facts.size, rows: facts.size, slices: 1, columnSpacingMm: facts.pixelMm,
            rowSpacingMm: facts.pixelMm, sliceSpacingMm: 6)
        return (Volume(geometry: g, voxels: voxels), facts)
    }

    /// The calibration by the bone, where the phantom holds one.
    private static func bone(
        _ low: (image: Volume<Int16>, facts: Facts), _ high: (image: Volume<Int16>, facts: Facts), _ paths: PathMap,
        _ lowBeam: BeamQuality, _ highBeam: BeamQuality
    ) -> BoneCalibration? {
        guard let cortex = low.facts.parts.first(where: { $0.name == "cortex" }) else { return nil }
        let g = low.image.geometry
        var labels = Volume<UInt8>(geometry: g, repeating: TissueLabel.none)
        let middle = Double(g.rows - 1) / 2
        for j in 0..<g.rows {
            for i in 0..<g.columns {
                let x = (Double(i) - middle) * g.columnSpacingMm - cortex.xMm
                let y = (middle - Double(j)) * g.rowSpacingMm - cortex.yMm
                if hypot(x, y) < cortex.radiusMm + 0.5 { labels[i, j, 0] = TissueLabel.bone }
            }
        }
        let noise = NoiseEstimate(voxel: NoiseCovariance(low: 1, high: 1), correlationVoxels: 4, voxelCount: 1)
        return BoneLine.measure(
            low: low.image, high: high.image, labels: labels, paths: paths, noise: noise, minimumMm3: 100
        ).flatMap { BoneCalibration.fit($0, low: lowBeam, high: highBeam, behind: paths.typicalPath) }
    }
}

/// Mean excess of 5 mm in the middle of a rod over the ring of tissue around it.
struct RegionReading {
    var low = 0.0
    var high = 0.0
    private var tissue = (low: 0.0, high: 0.0)
    let column: Int
    let row: Int

    init(_ lowImage: Volume<Int16>, _ highImage: Volume<Int16>, pixelMm: Double, xMm: Double, yMm: Double) {
        let g = lowImage.geometry
        let middle = Double(g.rows - 1) / 2
        column = Int((middle + xMm / pixelMm).rounded())
        row = Int((middle - yMm / pixelMm).rounded())
        var (inside, around) = (0.0, 0.0)
        for j in 0..<g.rows {
            for i in 0..<g.columns {
                let r = hypot((Double(i) - middle) * pixelMm - xMm, (middle - Double(j)) * pixelMm - yMm)
                let (l, h) = (Double(lowImage[i, j, 0]), Double(highImage[i, j, 0]))
                if r < 2.5 {
                    inside += 1
                    low += l
                    high += h
                } else if (5.2...6.8).contains(r) {
                    around += 1
                    tissue.low += l
                    tissue.high += h
                }
            }
        }
        tissue = (tissue.low / around, tissue.high / around)
        low = low / inside - tissue.low
        high = high / inside - tissue.high
    }

    /// HU per mg/cm3 of hydroxyapatite that displaces this tissue.
    func slopes(_ response: PairResponse) -> (low: Double, high: Double) {
        (response.low.hydroxyapatite(inTissueAt: tissue.low), response.high.hydroxyapatite(inTissueAt: tissue.high))
    }

    /// In mg/cm3, with the standard uncertainty by calibration and 2 HU of the simulator's own artefacts.
    func density(
        _ response: PairResponse, _ calibration: CalibrationUncertainty
    ) -> (value: Double, deviation: Double) {
        let slopes = slopes(response)
        return weighedDensity(
            low: low, high: high, slopeLow: slopes.low, slopeHigh: slopes.high,
            noise: NoiseCovariance(low: 4, high: 4), calibration)
    }
}

/// Least squares of both excesses with noise and calibration in the covariance, as deposits are weighed.
func weighedDensity(
    low: Double, high: Double, slopeLow: Double, slopeHigh: Double, noise: NoiseCovariance,
    _ calibration: CalibrationUncertainty
) -> (value: Double, deviation: Double) {
    var density = high / slopeHigh
    var variance = 0.0
    // Calibration's part grows with the signal: a few rounds settle it.
    for _ in 0..<3 {
        let (l, h) = (density * slopeLow, density * slopeHigh)
        let (a, b) = (calibration.commonLow * l, calibration.commonHigh * h)
        let own = calibration.independent * calibration.independent
        let ll = noise.low + own * l * l + a * a
        let hh = noise.high + own * h * h + b * b
        let lh = noise.both + a * b
        let determinant = ll * hh - lh * lh
        let weightLow = (hh * slopeLow - lh * slopeHigh) / determinant
        let weightHigh = (ll * slopeHigh - lh * slopeLow) / determinant
        variance = 1 / (weightLow * slopeLow + weightHigh * slopeHigh)
        density = variance * (weightLow * low + weightHigh * high)
    }
    return (density, variance.squareRoot())
}
