import DICOM
import DualEnergyCT
import Report

/// A small hand of simple solids with deposits, and the findings that a core would make of it: made up, but on a real
/// grid with real headers.
struct MadeUpHand {
    var geometry: GridGeometry
    var image: Volume<Int16>
    var labels: Volume<UInt16>
    private let truth: [(x: Double, y: Double, z: Double, radius: Double, material: MaterialClass)]

    /// Centre in the hand's own millimetres, radius, material.
    static let deposits: [(x: Double, y: Double, z: Double, radius: Double, material: MaterialClass)] = [
        (42, 24, 166, 3.4, .hydroxyapatite), (60, 22, 20, 2.8, .hydroxyapatite), (62, 25, 170, 2.2, .hydroxyapatite),
        (79, 24, 148, 1.9, .hydroxyapatite), (14, 26, 96, 1.7, .hydroxyapatite), (24, 25, 146, 1.4, .urate),
        (55, 21, 60, 1.2, .indeterminate),
    ]

    /// - Parameters:
    ///   - spacingMm: columns, rows, slices.
    ///   - rowDirection: where the columns run in the patient.
    ///   - columnDirection: where the rows run.
    ///   - materials: of the deposits that are there.
    ///   - hasOtherMineral: a calcified vessel, a calcification of another kind and a piece of metal.
    init(
        spacingMm: (Double, Double, Double) = (0.8, 0.8, 1.2), rowDirection: PatientVector = PatientVector(1, 0, 0),
        columnDirection: PatientVector = PatientVector(0, 1, 0), hasDeposits: Bool = true,
        materials: Set<MaterialClass> = Set(MaterialClass.allCases), hasOtherMineral: Bool = false
    ) {
        truth = hasDeposits ? Self.deposits.filter { materials.contains($0.material) } : []
        let geometry = GridGeometry(
            columns: Int(100 / spacingMm.0), rows: Int(56 / spacingMm.1), slices: Int(190 / spacingMm.2),
            columnSpacingMm: spacingMm.0, rowSpacingMm: spacingMm.1, sliceSpacingMm: spacingMm.2,
            origin: PatientVector(-51.25, -20.5, 412.75), rowDirection: rowDirection,
            columnDirection: columnDirection)
        self.geometry = geometry
        image = Volume(geometry: geometry, repeating: -1000)
        labels = Volume(geometry: geometry, repeating: SegmentLabel.none)
        // Palm, then the bones of four fingers and the thumb as rods of soft tissue around rods of bone.
        paint(from: (48, 26, 4), to: (48, 26, 84), radii: (30, 13), 45, SegmentLabel.none)
        let rays: [((Double, Double, Double), (Double, Double, Double))] = [
            ((34, 26, 20), (24, 26, 154)), ((44, 26, 20), (42, 26, 174)), ((53, 26, 20), (61, 26, 178)),
            ((62, 26, 20), (80, 26, 156)), ((38, 26, 20), (12, 26, 106)),
        ]
        for (start, end) in rays {
            paint(from: start, to: end, radii: (9, 9), 40, SegmentLabel.none)
        }
        for (start, end) in rays {
            paint(from: start, to: end, radii: (3.4, 3.4), 900, SegmentLabel.bone)
            paint(from: start, to: end, radii: (1.8, 1.8), 220, SegmentLabel.bone)
        }
        paint(from: (78, 22, 156), to: (80, 22, 163), radii: (3, 0.8), 260, SegmentLabel.excluded)
        if hasOtherMineral {
            paint(from: (30, 20, 30), to: (32, 20, 70), radii: (1.4, 1.4), 400, SegmentLabel.vascular)
            paint(from: (70, 30, 40), to: (70, 30, 40), radii: (1.8, 1.8), 500, SegmentLabel.otherCalcification)
            paint(from: (50, 34, 10), to: (50, 34, 18), radii: (1.5, 1.5), 3000, SegmentLabel.metal)
        }
        for (index, deposit) in truth.enumerated() {
            let centre = (deposit.x, deposit.y, deposit.z)
            paint(
                from: centre, to: centre, radii: (deposit.radius, deposit.radius), 620,
                SegmentLabel.firstDeposit + UInt16(index))
        }
    }

    /// The same hand and at its left the other one, which has no deposits.
    func withMirrorImage() -> MadeUpHand {
        var both = self
        both.geometry.columns *= 2
        both.image = Volume(geometry: both.geometry, repeating: -1000)
        both.labels = Volume(geometry: both.geometry, repeating: SegmentLabel.none)
        for k in 0..<geometry.slices {
            for j in 0..<geometry.rows {
                for i in 0..<geometry.columns {
                    let mirrored = both.geometry.columns - 1 - i
                    let label = labels[i, j, k]
                    both.image[i, j, k] = image[i, j, k]
                    both.labels[i, j, k] = label
                    both.image[mirrored, j, k] = label >= SegmentLabel.firstDeposit ? 45 : image[i, j, k]
                    both.labels[mirrored, j, k] = label == SegmentLabel.bone ? label : SegmentLabel.none
                }
            }
        }
        return both
    }

    /// A rod with an elliptic cross section and round ends.
    private mutating func paint(
        from a: (Double, Double, Double), to b: (Double, Double, Double), radii: (Double, Double), _ value: Int16,
        _ label: UInt16
    ) {
        let reach = max(radii.0, radii.1)
        func range(_ low: Double, _ high: Double, _ spacing: Double, _ count: Int) -> Range<Int> {
            max(0, Int((low - reach) / spacing))..<min(count, Int((high + reach) / spacing) + 2)
        }
        let axis = (b.0 - a.0, b.1 - a.1, b.2 - a.2)
        let lengthSquared = max(axis.0 * axis.0 + axis.1 * axis.1 + axis.2 * axis.2, 1e-9)
        for k in range(min(a.2, b.2), max(a.2, b.2), geometry.sliceSpacingMm, geometry.slices) {
            for j in range(min(a.1, b.1), max(a.1, b.1), geometry.rowSpacingMm, geometry.rows) {
                for i in range(min(a.0, b.0), max(a.0, b.0), geometry.columnSpacingMm, geometry.columns) {
                    let p = (
                        Double(i) * geometry.columnSpacingMm - a.0, Double(j) * geometry.rowSpacingMm - a.1,
                        Double(k) * geometry.sliceSpacingMm - a.2
                    )
                    let along = (p.0 * axis.0 + p.1 * axis.1 + p.2 * axis.2) / lengthSquared
                    let t = min(max(along, 0), 1)
                    let (dx, dy, dz) = (p.0 - t * axis.0, p.1 - t * axis.1, p.2 - t * axis.2)
                    let distance =
                        dx * dx / (radii.0 * radii.0) + dy * dy / (radii.1 * radii.1) + dz * dz / (reach * reach)
                    guard distance <= 1 else { continue }
                    image[i, j, k] = value
                    if label != SegmentLabel.none { labels[i, j, k] = label }
                }
            }
        }
    }

    // MARK: - Findings

    func findings(status: Trust.Status = .analysable, reasons: [Trust.Reason] = []) -> Findings {
        let isAnalysable = status != .notAnalysable
        let deposits = isAnalysable ? deposits() : []
        let calcium = deposits.filter { $0.material == .hydroxyapatite }
        let urate = deposits.filter { $0.material == .urate }.reduce(0) { $0 + $1.volumeMm3.value }
        func sum(_ path: KeyPath<Deposit, Estimate>) -> Estimate {
            calcium.reduce(Estimate(value: 0, low: 0, high: 0)) {
                Estimate(
                    value: $0.value + $1[keyPath: path].value, low: $0.low + $1[keyPath: path].low,
                    high: $0.high + $1[keyPath: path].high)
            }
        }
        return Findings(
            trust: Trust(
                status: status, reasons: reasons, noiseLowHU: 14.2, noiseHighHU: 11.6, misregistrationMm: 0.12,
                metalVolumeMm3: 0, calciumRatio: 2.23, calibration: .table),
            deposits: deposits,
            totals: isAnalysable
                ? Totals(
                    count: calcium.count, volumeMm3: sum(\.volumeMm3),
                    hydroxyapatiteMassMg: sum(\.hydroxyapatiteMassMg),
                    smallestDetectableVolumeMm3: 0.84) : nil,
            urate: isAnalysable
                ? UrateStatement(
                    verdict: urate > 0 ? .positive : .negative, volumeMm3: urate, smallestDetectableVolumeMm3: 12.1)
                : nil,
            exclusions: [Exclusion(cause: .nail, count: 1, volumeMm3: 21.4)], labels: labels,
            hydroxyapatiteTenths: nil)
    }

    private func deposits() -> [Deposit] {
        truth.enumerated().compactMap { index, truth in
            let label = SegmentLabel.firstDeposit + UInt16(index)
            var count = 0
            var sum = PatientVector(0, 0, 0)
            var slices = 0
            for k in 0..<geometry.slices {
                for j in 0..<geometry.rows {
                    for i in 0..<geometry.columns where labels[i, j, k] == label {
                        count += 1
                        slices += k
                        sum = sum + geometry.position(Double(i), Double(j), Double(k))
                    }
                }
            }
            guard count > 0 else { return nil }
            let volume = Double(count) * geometry.voxelVolumeMm3
            let density = 430.0 - 12 * Double(index)
            func estimate(_ value: Double, _ share: Double) -> Estimate {
                Estimate(value: value, low: value * (1 - share), high: value * (1 + 1.2 * share))
            }
            var deposit = Deposit(
                number: index + 1, material: truth.material, volumeMm3: estimate(volume, 0.08),
                hydroxyapatiteMassMg: estimate(volume * density / 1000, 0.1),
                meanDensityMgPerCm3: estimate(density, 0.05), peakDensityMgPerCm3: density * 1.6,
                largestDiameterMm: 2 * truth.radius, distanceToSkinMm: 0.6 + Double(index) * 0.7,
                distanceToBoneMm: index == 1 ? 0 : 0.4 + Double(index) * 0.3,
                dualEnergyRatio: estimate(truth.material == .urate ? 1.05 : 2.2, 0.04),
                centre: (1 / Double(count)) * sum,
                centreSlice: Int((Double(slices) / Double(count)).rounded()), voxelCount: count)
            if truth.material != .urate { deposit.massRepeatabilityMg = 0.04 * volume * density / 1000 }
            return deposit
        }
    }

    // MARK: - Source

    /// The low-energy header of slice k as a scanner writes it, in Latin-1.
    func header(slice k: Int) -> DataSet {
        let header = DataSet()
        header.set(.specificCharacterSet, "ISO_IR 192")
        header.set(.sopClassUID, SOPClass.ctImage)
        header.set(.sopInstanceUID, "2.25.100\(k)")
        header.set(.studyInstanceUID, "2.25.77")
        header.set(.seriesInstanceUID, "2.25.78")
        header.set(.frameOfReferenceUID, "2.25.79")
        header.set(.patientName, "Synthétique^Main")
        header.set(.patientID, "APA001")
        header.set(.patientBirthDate, "19600101")
        header.set(.patientSex, "F")
        header.set(.patientAge, "066Y")
        header.set(.studyDate, "20260102")
        header.set(.studyTime, "101500")
        header.set(.acquisitionDate, "20260102")
        header.set(.acquisitionTime, "101742.5")
        header.set(.accessionNumber, "ACC1")
        header.set(.studyID, "1")
        header.set(.referringPhysicianName, "Müller^Eva")
        header.set(.studyDescription, "CT hands dual energy")
        header.set(.bodyPartExamined, "HAND")
        header.setEmpty(.positionReferenceIndicator)
        return header
    }

    func source(
        header: DataSet? = nil, laterality: Laterality = .right, language: ReportLanguage = .english, revision: Int = 1,
        predecessor: DocumentReference? = nil, closingTime: String = "102030"
    ) -> ReportSource {
        func series(_ uid: UID, _ beam: BeamQuality, _ first: Int) -> SourceSeries {
            SourceSeries(
                seriesInstanceUID: uid, beam: beam,
                slices: (0..<geometry.slices).map {
                    // Numbered from the other end, as a scanner may do.
                    SourceSlice(
                        sopClassUID: SOPClass.ctImage, sopInstanceUID: UID(rawValue: "2.25.\(first)\($0)"),
                        instanceNumber: geometry.slices - $0)
                })
        }
        return ReportSource(
            header: header ?? self.header(slice: 0), low: series("2.25.78", .tube(kilovolts: 80, tinMm: 0), 100),
            high: series("2.25.80", .tube(kilovolts: 150, tinMm: 0.6), 200), lowImage: image, sliceThicknessMm: 1.5,
            region: .hand, laterality: laterality, revision: revision,
            closing: StudyClosing(signal: .performedProcedureStep, date: "20260102", time: closingTime),
            predecessor: predecessor, algorithmVersion: "0.1.0",
            configurationDigest: String(repeating: "0123abcd", count: 8), installationSerial: "site-1",
            language: language)
    }
}
