import DualEnergyCT

extension CalibrationFailure {
    /// The core's reason in words, and what a physicist can do.
    init(_ refusal: CalibrationRefusal) {
        let (message, remedy) = Self.text(refusal)
        self.init(message, remedy)
    }

    private static func text(_ refusal: CalibrationRefusal) -> (String, String) {
        switch refusal {
        case .tooFewNamed:
            (
                "Fewer than \(RodDescription.fewestRods) rods with hydroxyapatite are named.",
                "Name the densities of all rods with --rods."
            )
        case .noPhantom:
            ("There is no phantom of 3 cm or more in the images.", "Scan the phantom in the middle of the field.")
        case .rodsMissing(let found, let named, let noiseHU, let limitHU):
            (
                "\(found) of \(named) rods were found that read like hydroxyapatite"
                    + (noiseHU > limitHU ? "; noise hides the faintest." : "."),
                noiseHU > limitHU
                    ? "Repeat with more dose or a smoother kernel."
                    : "Check the list of --rods, that all rods lie in the scan, and that they are round, 5 mm thick "
                        + "or more and 3 mm below the surface."
            )
        case .tooManyInserts(let count):
            ("\(count) round inserts read like hydroxyapatite.", "Scan the rods without the other inserts.")
        case .rodsTooThin(let diameterMm):
            (
                "The rods are \(number(diameterMm, 1)) mm thick: nothing is left inside the blur of their edge.",
                "Use rods of 5 mm or more, or a smaller field of view."
            )
        case .baseUnexpected(let lowHU, let highHU):
            (
                "The rods' base reads \(number(lowHU, 0)) and \(number(highHU, 0)) HU, which is not the material named.",
                "Name it with --base; if it is right, calibrate the scanner for water."
            )
        case .baseDiffers(let HU):
            (
                "The line through the rods misses the material around them by \(number(HU, 0)) HU: rods and body are "
                    + "of different materials.",
                "Scan the rod without hydroxyapatite too and name it as 0 in --rods."
            )
        case .notMonotone(let density):
            (
                "The rod of \(number(density, 0)) mg/cm3 reads no more than a fainter one.",
                "Check the list of --rods against the phantom."
            )
        case .notLinear(let density, let residual):
            (
                "The rod of \(number(density, 0)) mg/cm3 lies \(number(residual, 1)) mg/cm3 off the line.",
                "Check its density, look for air or artefacts in the images, and repeat the scan."
            )
        case .wrongPair(let low, let high):
            (
                "The rods do not read as the named energies make them: \(number(low, 2)) against \(number(high, 2)).",
                "Check which series were sent, their tube voltages, and the densities of --rods."
            )
        case .noise(let relative, let limit):
            (
                "Noise leaves a slope uncertain by \(number(100 * relative, 1)) % "
                    + "(limit \(number(100 * limit, 1)) %).",
                "Repeat with more dose, more slices or thicker rods."
            )
        case .motion(let mm):
            (
                "The rods lie \(number(mm, 1)) mm apart in the two images.",
                "Fix the phantom to the table and repeat the scan."
            )
        case .tooLarge(let pathCm):
            ("The path through the phantom is \(number(pathCm, 0)) cm.", "Use a phantom of at most 40 cm.")
        }
    }

    private static func number(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite, abs(value) < 1e6 else { return "?" }
        let scale = decimals == 0 ? 1.0 : decimals == 1 ? 10.0 : 100.0
        let whole = Int((abs(value) * scale).rounded())
        let sign = value < 0 && whole > 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(whole)" }
        let fraction = String(whole % Int(scale))
        return "\(sign)\(whole / Int(scale))." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }
}
