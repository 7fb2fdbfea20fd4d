import ArgumentParser
import Phantom

/// `apatite phantom`: makes a simulated study with known truth.
struct PhantomCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "phantom",
        abstract: "Make a simulated dual-energy study with known truth.",
        subcommands: [PhantomHandCommand.self, PhantomRegionCommand.self, PhantomRodsCommand.self])
}

/// `apatite phantom hand`: a hand with calcinosis.
struct PhantomHandCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hand",
        abstract: "Make a hand with known deposits.",
        discussion:
            "Writes study/ (DICOM, as a scanner sends it) and truth/ (truth.json, labels.nrrd). The same arguments make the same files, byte for byte."
    )

    @OptionGroup
    var target: PhantomTarget

    @Option(help: "Which hand of all possible ones.")
    var seed: UInt64 = 1

    @Flag(help: "CT numbers straight from the materials, without projections.")
    var quick = false

    @Flag(help: "No deposits.")
    var healthy = false

    @Option(help: "Which hand: right or left.")
    var side = "right"

    @Option(help: "Number of slices, counted from beyond the fingertips.")
    var slices = 320

    @Option(help: "Distance between pixel centres in mm.")
    var spacing = 0.4

    @Option(help: "Distance between slice centres in mm.")
    var sliceSpacing = 0.6

    @Option(help: "Slice thickness in mm.")
    var thickness = 0.75

    @Option(help: "Where the scan starts, in mm below the fingertips.")
    var start = 0.0

    @Option(help: "Standard deviation of the noise in HU, in both energies.")
    var noise: Double?

    @Flag(help: "One series at the first spectrum only.")
    var singleEnergy = false

    @Flag(help: "Add two deposits of monosodium urate.")
    var urate = false

    @Flag(help: "Thin, sparse bone.")
    var demineralised = false

    @Option(help: "Greatest share of a distal phalanx that is resorbed.")
    var acroOsteolysis: Float = 0

    @Option(help: "Number of calcium deposits.")
    var deposits = 12

    @Option(help: "Number of erosions of bones beside joints.")
    var erosions = 0

    @OptionGroup(title: "Motion and later examinations")
    var pose: PhantomPose

    func validate() throws {
        guard HandParameters.Side(rawValue: side) != nil else { throw ValidationError("--side is right or left") }
        guard (1...2000).contains(slices) else { throw ValidationError("--slices is 1 to 2000") }
        guard (0.1...2).contains(spacing), (0.1...5).contains(sliceSpacing), (0.1...10).contains(thickness) else {
            throw ValidationError("spacings and thickness are a few tenths of a millimetre to a few millimetres")
        }
        guard (0...100).contains(deposits) else { throw ValidationError("--deposits is 0 to 100") }
        guard (0...20).contains(erosions) else { throw ValidationError("--erosions is 0 to 20") }
        guard (0...0.7).contains(acroOsteolysis) else { throw ValidationError("--acro-osteolysis is 0 to 0.7") }
        guard (noise ?? 0) >= 0, start >= 0 else { throw ValidationError("--noise and --start are not negative") }
    }

    func run() throws {
        var parameters = HandParameters()
        parameters.side = HandParameters.Side(rawValue: side) ?? .right
        parameters.hasCalcinosis = !healthy
        parameters.hasUrate = urate
        parameters.demineralised = demineralised
        parameters.acroOsteolysis = acroOsteolysis
        parameters.depositCount = deposits
        parameters.erosionCount = erosions
        var scan = ScanParameters()
        scan.slices = slices
        scan.pixelSpacingMm = spacing
        scan.sliceSpacingMm = sliceSpacing
        scan.sliceThicknessMm = thickness
        scan.startMm = start
        if let noise {
            scan.noiseLowHU = noise
            scan.noiseHighHU = noise
        }
        guard let spectra = target.pair else { return }
        let study = HandStudy(
            HandPhantom(parameters, scan: scan, seed: seed, visit: pose.handVisit, motion: pose.energyMotion),
            pair: spectra, mode: quick ? .quick : .projection,
            vendor: target.vendor, isSingleEnergy: singleEnergy)
        try study.write(to: target.folder)
    }
}
