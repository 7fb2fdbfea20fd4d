import DualEnergyCT
import Report
import Testing

struct WordingTests {
    private static let hand = MadeUpHand(spacingMm: (1, 1, 1.5))
    private static let empty = MadeUpHand(spacingMm: (2, 2, 2), hasDeposits: false)
    private static let motion = Trust.Reason(kind: .motion, measured: 1.9, limit: 0.8, unit: "mm")

    @Test(arguments: [
        (7.86, 1, "7.9"), (7.85, 1, "7.9"), (-0.04, 1, "0.0"), (0, 0, "0"), (241.4, 0, "241"), (0.005, 2, "0.01"),
        (1e6, 2, "1000000.00"), (3.0, 3, "3.000"),
    ])
    func aNumberHasSoManyDecimalsAndNoExponent(value: Double, decimals: Int, expected: String) {
        let text = NumberText.decimalString.fixed(value, decimals: decimals)
        #expect(text?.replacingMinusZero == expected)
    }

    @Test(arguments: [Double.nan, .infinity, 1e12])
    func whatIsNoNumberIsNotPrintedAsOne(value: Double) {
        #expect(NumberText.decimalString.fixed(value, decimals: 1) == nil)
    }

    @Test func aNumberHasNoMoreDigitsThanItsIntervalSupports() {
        #expect(NumberText.supportedDecimals(of: Estimate(value: 241, low: 219, high: 263)) == 0)
        #expect(NumberText.supportedDecimals(of: Estimate(value: 7.9, low: 7.0, high: 8.8)) == 1)
        #expect(NumberText.supportedDecimals(of: Estimate(value: 1.05, low: 1.01, high: 1.09)) == 2)
    }

    @Test func aPositiveReportLeadsWithCountVolumeAndMass() throws {
        let source = Self.hand.source()
        let model = reportModel(findings: Self.hand.findings(), source: source)
        #expect(model.conclusion[0].hasPrefix("Calcinosis, right hand: 5 deposits, "))
        #expect(model.conclusion[0].contains("mg HA-equivalent"))
        #expect(model.conclusion.contains { $0.hasPrefix("URATE DEPOSITS: ") && $0.contains("R-6") })
        #expect(model.impression.contains("not verified by a physician"))
        let table = try #require(model.table)
        #expect(table.rows.count == 7)
        #expect(table.rows[0][0] == "R-1")
        #expect(table.rows.allSatisfy { $0.count == table.columns.count })
        // The image that a viewer shows, not the index in the grid.
        let slice = Self.hand.findings().deposits[0].centreSlice
        #expect(table.rows[0][1] == "\(Self.hand.geometry.slices - slice)")
    }

    @Test func nothingFoundSaysWhatCouldHaveBeenFound() {
        let model = reportModel(findings: Self.empty.findings(), source: Self.empty.source())
        #expect(model.conclusion[0] == "No soft-tissue calcinosis detected, right hand.")
        #expect(model.conclusion[1] == "Smallest deposit this scan could show: 0.8 mm3 at 100 mg/cm3 or more.")
        // The search leaves out what it cannot tell from the edges of bone and skin: the sentence says so.
        #expect(
            model.conclusion[2] == "No urate deposit larger than 12 mm3 detected, apart from bone, calcium and skin.")
        #expect(model.table == nil)
        #expect(model.seriesDescriptionSuffix == " - no calcinosis")
    }

    @Test(arguments: [
        (
            Trust.Reason(kind: .iodine, measured: 1, limit: 0, unit: "agent"),
            "L'en-tête indique un produit de contraste."
        ),
        (
            Trust.Reason(kind: .kernel, measured: 1, limit: 0, unit: "edge kernel"),
            "Le noyau de reconstruction est conçu pour les contours."
        ),
        (
            Trust.Reason(kind: .kernel, measured: 3, limit: 2, unit: "mm"),
            "Épaisseur de coupe\u{A0}: 3,0 mm (limite 2,0 mm)."
        ),
        (
            Trust.Reason(kind: .coverage, measured: 0, limit: 1, unit: "soft tissue"),
            "Trop peu de tissus mous dans le champ pour mesurer le bruit."
        ),
        (
            Trust.Reason(kind: .bone, measured: 7.3, limit: 5, unit: "%"),
            "Ce qui est compté comme dépôt a 7\u{A0}% du volume de l'os examiné (limite 5\u{A0}%)\u{A0}: il peut s'y trouver de l'os."
        ),
        (motion, "Mouvement entre les deux énergies\u{A0}: 1,9 mm (limite 0,80 mm)."),
    ])
    func aReasonIsASentenceOfItsLanguage(reason: Trust.Reason, expected: String) {
        let findings = Self.hand.findings(status: .notAnalysable, reasons: [reason])
        let model = reportModel(findings: findings, source: Self.hand.source(language: .french))
        #expect(model.sections[0].lines == ["1. \(expected)"])
    }

    @Test(arguments: ReportLanguage.allCases)
    func notAnalysableClaimsNothing(language: ReportLanguage) {
        let findings = Self.hand.findings(status: .notAnalysable, reasons: [Self.motion])
        let model = reportModel(findings: findings, source: Self.hand.source(language: language))
        let text = model.renderPlainText()
        #expect(model.isNotAnalysable)
        #expect(model.table == nil)
        #expect(model.seriesDescriptionSuffix == " - NOT ANALYSABLE")
        #expect(text.contains(language == .french ? "1,9 mm (limite 0,80 mm)" : "1.9 mm (limit 0.80 mm)"))
        #expect(model.recommendation?.isEmpty == false)
        for word in ["deposits", "dépôts", "mm3", "detected", "détecté"] { #expect(!text.contains(word)) }
    }

    @Test func limitationsAreNamedBesideTheResult() {
        let noise = Trust.Reason(kind: .noise, measured: 41, limit: 35, unit: "HU")
        let model = reportModel(
            findings: Self.hand.findings(status: .limited, reasons: [noise]), source: Self.hand.source())
        #expect(model.conclusion.last == "With limitations. Reason: Noise: 41 HU (limit 35 HU).")
    }

    @Test func aRevisionSaysSo() {
        let model = reportModel(findings: Self.hand.findings(), source: Self.hand.source(revision: 2))
        #expect(model.acquisition.contains("revision 2"))
        #expect(model.seriesDescriptionSuffix.hasSuffix(" - revision 2"))
        #expect(model.impression.contains("Revision 2: replaces the earlier report of this study."))
    }

    @Test func frenchHasDecimalCommasAndNoBreakSpaces() {
        let model = reportModel(findings: Self.empty.findings(), source: Self.empty.source(language: .french))
        #expect(model.conclusion[1] == "Plus petit dépôt visible sur cet examen\u{A0}: 0,8 mm3 à 100 mg/cm3 ou plus.")
        #expect(model.title == "APATITE – scanner double énergie, main droite\u{A0}: calcinose")
    }

    @Test func withoutASideNoSideIsInvented() {
        let both = reportModel(findings: Self.hand.findings(), source: Self.hand.source(laterality: .both))
        #expect(both.table?.rows[0][0] == "#1")
        #expect(both.conclusion[0].hasPrefix("Calcinosis, hands: "))
        let unknown = reportModel(findings: Self.hand.findings(), source: Self.hand.source(laterality: .unknown))
        #expect(unknown.conclusion[0].hasPrefix("Calcinosis, hand (side not stated): "))
    }

    @Test(arguments: ReportLanguage.allCases, [Trust.Status.analysable, .limited, .notAnalysable])
    func theImpressionIsShortAndTheTextFitsATerminal(language: ReportLanguage, status: Trust.Status) {
        let reasons = status == .analysable ? [] : [Self.motion]
        let model = reportModel(
            findings: Self.hand.findings(status: status, reasons: reasons),
            source: Self.hand.source(language: language))
        #expect(model.impression.count <= 700)
        for line in model.renderPlainText().split(separator: "\n") { #expect(line.count <= 110, "\(line)") }
    }

    @Test func manyDepositsAreSummedUpBelowTheTable() {
        var findings = Self.hand.findings()
        let small = findings.deposits[3]
        for number in 8...40 {
            var copy = small
            copy.number = number
            findings.deposits.append(copy)
        }
        let model = reportModel(findings: findings, source: Self.hand.source())
        #expect(model.table?.rows.count == 12)
        #expect(model.table?.notes[0].hasPrefix("... 28 smaller deposits: ") == true)
    }

    @Test func aLesionKeepsItsNameAndNoOtherGetsIt() {
        func deposit(_ number: Int, _ name: String?) -> Deposit {
            let one = Estimate(value: 1, low: 0, high: 2)
            var deposit = Deposit(
                number: number, material: .hydroxyapatite, volumeMm3: one, hydroxyapatiteMassMg: one,
                meanDensityMgPerCm3: one, peakDensityMgPerCm3: 1, largestDiameterMm: 1, distanceToSkinMm: 1,
                distanceToBoneMm: nil, dualEnergyRatio: one, centre: PatientVector(0, 0, 0), centreSlice: 0,
                voxelCount: 1)
            deposit.place = DepositPlace(side: .right, digit: .second, segment: .distal)
            deposit.priorName = name
            return deposit
        }
        let gone = ResolvedDeposit(
            priorNumber: 1, identity: nil, priorVolumeMm3: 1, priorHydroxyapatiteMassMg: 1,
            remainingMassMg: Estimate(value: 0, low: 0, high: 0), centre: PatientVector(0, 0, 0), place: nil,
            priorName: "R-D2-1")
        let names = DepositNames(
            [deposit(2, "R-D2-2"), deposit(3, nil), deposit(4, nil)], former: [gone],
            in: Place(region: .hand, laterality: .right))
        #expect([2, 3, 4].map { names[$0] } == ["R-D2-2", "R-D2-3", "R-D2-4"])
    }
}

extension String {
    /// `-0.0` and `0.0` read the same.
    fileprivate var replacingMinusZero: String { self == "-0.0" ? "0.0" : self }
}
