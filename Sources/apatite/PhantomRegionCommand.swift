import ArgumentParser
import Phantom

/// `apatite phantom region`: a limb or trunk with calcinosis, calcified vessels and other calcification.
struct PhantomRegionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "region",
        abstract: "Make a wrist, elbow, shoulder, foot, knee or pelvis with known deposits.",
        discussion:
            "Writes study/ (DICOM, both energies) and truth/ (truth.json, labels.nrrd). The same arguments make the same files, byte for byte."
    )

    @Argument(help: "wrist, elbow, shoulder, foot, knee or pelvis.", transform: Self.region)
    var region: PhantomRegion

    @OptionGroup
    var target: PhantomTarget

    @Option(help: "Which body of all possible ones.")
    var seed: UInt64 = 1

    @Flag(help: "CT numbers straight from the materials, without projections.")
    var quick = false

    @Option(help: "Which side: right or left.")
    var side = "right"

    @Option(help: "Number of calcium deposits.")
    var deposits = 8

    @Flag(help: "Add two deposits of monosodium urate.")
    var urate = false

    @Flag(help: "Thin, sparse bone.")
    var demineralised = false

    @Option(help: "Share of the arteries' length with calcified walls, 0 to 1.")
    var vascular: Float = 0.3

    @Flag(help: "Add a screw of titanium.")
    var metal = false

    @Option(help: "Distance between pixel centres in mm.")
    var spacing = 0.6

    @Option(help: "Distance and thickness of the slices in mm.")
    var sliceSpacing = 1.0

    func validate() throws {
        guard HandParameters.Side(rawValue: side) != nil else { throw ValidationError("--side is right or left") }
        guard (0...100).contains(deposits) else { throw ValidationError("--deposits is 0 to 100") }
        guard (0...1).contains(vascular) else { throw ValidationError("--vascular is 0 to 1") }
        guard (0.2...2).contains(spacing), (0.3...5).contains(sliceSpacing) else {
            throw ValidationError("spacings are a few tenths of a millimetre to a few millimetres")
        }
    }

    func run() throws {
        var parameters = RegionParameters(region)
        parameters.side = HandParameters.Side(rawValue: side) ?? .right
        parameters.depositCount = deposits
        parameters.hasUrate = urate
        parameters.demineralised = demineralised
        parameters.vascularShare = vascular
        parameters.hasMetal = metal
        var scan = ScanParameters()
        (scan.columns, scan.rows, scan.slices) = (0, 0, 0)
        scan.pixelSpacingMm = spacing
        scan.sliceSpacingMm = sliceSpacing
        scan.sliceThicknessMm = sliceSpacing
        guard let spectra = target.pair else { return }
        try RegionStudy(
            RegionPhantom(parameters, scan: scan, seed: seed), pair: spectra, mode: quick ? .quick : .projection,
            vendor: target.vendor
        ).write(to: target.folder)
    }

    private static func region(_ text: String) throws -> PhantomRegion {
        guard let region = PhantomRegion(rawValue: text) else {
            let names = PhantomRegion.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("There is no phantom of \"\(text)\": choose from \(names).")
        }
        return region
    }
}
