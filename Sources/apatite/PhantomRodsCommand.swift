import ArgumentParser
import Foundation
import Phantom

/// `apatite phantom rods`: the scan of a phantom with rods of hydroxyapatite.
struct PhantomRodsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rods",
        abstract: "Make the scan of a rod phantom, to calibrate with.",
        discussion:
            "Writes study/ (DICOM, both energies) and truth/truth.json. The same arguments make the same files, byte for byte."
    )

    @OptionGroup
    var target: PhantomTarget

    @Option(help: "Which noise of all possible ones.")
    var seed: UInt64 = 1

    @Option(help: "Inherent aluminium of the tube in mm.")
    var aluminium = 3.0

    @Option(help: "Inherent titanium of the tube in mm.")
    var titanium = 0.9

    @Option(help: "Hydroxyapatite of each rod in mg/cm3, with commas between.")
    var rods = "50,100,200,400,800"

    @Option(help: "Diameter of the rods in mm.")
    var rodDiameter = 12.0

    @Option(help: "Width of the phantom in mm.")
    var diameter = 100.0

    @Option(help: "Height of the phantom in mm. Default: round.")
    var height: Double?

    @Option(help: "What body and rods are made of: water, resin, polyethylene or acrylic.", transform: Self.base)
    var base: RodPhantom.Base = .water

    @Option(help: "What the body is made of, where it differs from the rods.", transform: Self.base)
    var body: RodPhantom.Base?

    @Option(help: "Where the first rod stands, in degrees.")
    var angle = 0.0

    @Option(help: "Run of the rods to the side for each mm along the table.")
    var tilt = 0.0

    @Flag(help: "Add inserts of air, muscle and monosodium urate.")
    var inserts = false

    @Option(help: "Standard deviation of the noise in HU, in both energies.")
    var noise = 8.0

    @Option(help: "Number of slices.")
    var slices = 16

    @Option(help: "Distance between pixel centres in mm.")
    var spacing = 0.6

    @Option(help: "Thickness and distance of the slices in mm.")
    var thickness = 1.0

    @Option(help: "Date of the study, YYYYMMDD.")
    var date = "20260105"

    func validate() throws {
        guard densities != nil else { throw ValidationError("--rods takes 1 to 20 densities of 0 to 2000 mg/cm3.") }
        guard (20...400).contains(diameter), (20...400).contains(height ?? diameter), (2...60).contains(rodDiameter)
        else { throw ValidationError("a phantom is 20 to 400 mm wide, a rod 2 to 60 mm thick") }
        guard (1...15).contains(aluminium), (0...2).contains(titanium) else {
            throw ValidationError("--aluminium is 1 to 15 mm and --titanium 0 to 2 mm")
        }
        guard (3...500).contains(slices), (0.2...2).contains(spacing), (0.3...5).contains(thickness), noise >= 0 else {
            throw ValidationError("slices, spacing, thickness or noise are those of no scan")
        }
        guard date.utf8.count == 8, Int(date) != nil else { throw ValidationError("--date is YYYYMMDD") }
    }

    func run() throws {
        guard var spectra = target.pair, let densities else { return }
        spectra.filtration = TubeFiltration(aluminiumMm: aluminium, titaniumMm: titanium)
        var phantom = RodPhantom(
            diameterMm: diameter, heightMm: height, densitiesMgPerCm3: densities, rodDiameterMm: rodDiameter,
            firstAngleDegrees: angle)
        phantom.base = base
        phantom.bodyBase = body
        phantom.tilt = (tilt, 0)
        phantom.hasOtherInserts = inserts
        var scan = ScanParameters()
        scan.pixelSpacingMm = spacing
        scan.columns = Int((max(diameter, height ?? diameter) + 40) / spacing)
        scan.rows = scan.columns
        scan.slices = slices
        scan.sliceSpacingMm = thickness
        scan.sliceThicknessMm = thickness
        scan.noiseLowHU = noise
        scan.noiseHighHU = noise
        try RodStudy(
            phantom, scan: scan, pair: spectra, vendor: target.vendor, seed: seed,
            studyDate: date
        ).write(to: target.folder)
    }

    private static func base(_ text: String) throws -> RodPhantom.Base {
        guard let base = RodPhantom.Base(rawValue: text) else {
            throw ValidationError("a phantom is of \(RodPhantom.Base.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return base
    }

    private var densities: [Double]? {
        let parts = rods.split(separator: ",", omittingEmptySubsequences: false)
        let values = parts.compactMap { Double($0.trimmingCharacters(in: .whitespaces)) }
        guard values.count == parts.count, (1...20).contains(values.count),
            values.allSatisfy({ (0...2000).contains($0) })
        else { return nil }
        return values
    }
}
