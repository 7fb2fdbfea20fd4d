import DICOM
import DualEnergyCT
import Foundation
import Report
import StudyAssembly

/// An earlier examination, read back from the folder that an analysis of it wrote.
struct PriorFolder {
    var examination: PriorExamination
    /// What the new report refers to.
    var report: PriorReport
    /// Patient ID, to compare and never to write.
    private var patientID: String

    /// Reads `findings.json`, `seg.dcm`, `sr.dcm` and `maps/ha/`.
    ///
    /// - Throws: `AnalysisFailure` that says which of them is missing or does not fit, and what to do.
    init(path: String) throws(AnalysisFailure) {
        let document = try Self.findings(path)
        guard document.status == .reported || document.status == .notAnalysable else {
            throw AnalysisFailure(
                message: "The prior examination was not analysed: its folder says \"\(document.status.rawValue)\".")
        }
        let segmentation = document.status == .reported ? try Self.object("\(path)/seg.dcm") : nil
        let structuredReport = try Self.object("\(path)/sr.dcm")
        guard let study = structuredReport.uid(.studyInstanceUID) else { throw Self.damaged("sr.dcm") }
        patientID = structuredReport.string(.patientID) ?? ""
        report = PriorReport(
            studyInstanceUID: study,
            examinationDate: structuredReport.string(.studyDate) ?? "",
            report: try Self.reference(structuredReport, "sr.dcm"),
            segmentation: try segmentation.map { object throws(AnalysisFailure) in
                try Self.reference(object, "seg.dcm")
            })
        let region = document.acquisition.flatMap { BodyRegion(rawValue: $0.region) } ?? .other
        let laterality = document.acquisition.flatMap { Laterality(rawValue: $0.laterality) } ?? .unknown
        guard let segmentation else {
            let nothing = GridGeometry(
                columns: 0, rows: 0, slices: 0, columnSpacingMm: 1, rowSpacingMm: 1, sliceSpacingMm: 1)
            examination = PriorExamination(
                status: .notAnalysable, region: region, laterality: laterality,
                labels: Volume(geometry: nothing, voxels: []),
                hydroxyapatiteTenths: Volume(geometry: nothing, voxels: []), lesions: [], highestNumber: 0)
            return
        }
        let density = try PriorDensity.read("\(path)/maps/ha")
        let deposits = document.deposits ?? []
        guard deposits.allSatisfy({ Self.numbers.contains($0.number) }),
            Self.numbers.contains(max(1, Self.highestNumber(document)))
        else { throw Self.damaged("findings.json") }
        let segments = PriorSegments(segmentation, depositNumbers: deposits.map(\.number))
        guard let labels = segments.labels(on: density.geometry) else { throw Self.damaged("seg.dcm") }
        examination = PriorExamination(
            status: document.trust.flatMap { Trust.Status(rawValue: $0.status) } ?? .limited, region: region,
            laterality: laterality, labels: labels, hydroxyapatiteTenths: density,
            lesions: deposits.map { PriorExamination.Lesion($0, identity: segments.identity(of: $0.number)) },
            highestNumber: Self.highestNumber(document))
        examination.calibration = document.trust.flatMap { Trust.Calibration(rawValue: $0.calibration) }
        examination.calciumRatio = document.trust?.calciumRatio
    }

    /// Numbers that deposits can have: each has a label of 16 bits.
    private static let numbers = 1...10_000

    /// The prior of a job for a study; nil where a candidate is found unfit.
    ///
    /// - Throws: `AnalysisFailure` when the folder that the job names cannot be compared with. A candidate that was
    ///   only found, such as a report back from an archive without its maps, never holds up a report.
    static func read(
        _ path: String, of job: AnalysisJob, for acquisition: DualEnergyAcquisition, study: String?
    ) throws(AnalysisFailure) -> PriorFolder? {
        do throws(AnalysisFailure) {
            let prior = try PriorFolder(path: path)
            try prior.check(against: acquisition, study: study)
            return prior
        } catch {
            guard job.prior == nil else { throw error }
            return nil
        }
    }

    /// - Throws: `AnalysisFailure` when a study is no later examination of the same patient.
    private func check(against acquisition: DualEnergyAcquisition, study: String?) throws(AnalysisFailure) {
        if report.studyInstanceUID.rawValue == study {
            throw AnalysisFailure(message: "The prior folder is of this very study: name an earlier examination's.")
        }
        guard patientID == acquisition.low.slices.first?.patientID else {
            throw AnalysisFailure(message: "The prior examination has another Patient ID: name one of this patient's.")
        }
    }

    /// No lesion of this patient was ever numbered higher, as far as the prior examination knows.
    private static func highestNumber(_ document: FindingsDocument) -> Int {
        let deposits = document.deposits ?? []
        let earlier = deposits.flatMap { $0.change?.priorNumbers ?? [] }
        let gone = ((document.comparison?.resolved ?? []) + (document.comparison?.stillMeasured ?? []))
            .map(\.priorNumber)
        return (deposits.map(\.number) + earlier + gone).max() ?? 0
    }

    private static func findings(_ path: String) throws(AnalysisFailure) -> FindingsDocument {
        guard let data = FileManager.default.contents(atPath: "\(path)/findings.json") else {
            throw AnalysisFailure(
                message: "The prior folder holds no findings.json: name the output folder of an earlier analysis.")
        }
        do {
            return try JSONDecoder().decode(FindingsDocument.self, from: data)
        } catch {
            throw damaged("findings.json")
        }
    }

    private static func object(_ file: String) throws(AnalysisFailure) -> DataSet {
        do {
            return try DataSet(contentsOf: file)
        } catch {
            throw damaged((file as NSString).lastPathComponent)
        }
    }

    private static func reference(_ object: DataSet, _ name: String) throws(AnalysisFailure) -> DocumentReference {
        guard let sopClass = object.uid(.sopClassUID), let instance = object.uid(.sopInstanceUID),
            let series = object.uid(.seriesInstanceUID)
        else { throw damaged(name) }
        return DocumentReference(sopClassUID: sopClass, sopInstanceUID: instance, seriesInstanceUID: series)
    }

    static func damaged(_ name: String) -> AnalysisFailure {
        AnalysisFailure(
            message: "\(name) of the prior examination is missing or damaged: analyse the prior examination again.")
    }
}

/// The density map of a prior examination.
private enum PriorDensity {
    /// Tenths of mg/cm3 on the grid of the prior's low-energy image.
    static func read(_ folder: String) throws(AnalysisFailure) -> Volume<Int16> {
        let missing = AnalysisFailure(
            message: "The prior folder holds no maps/ha: analyse the prior examination again with that map.")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let files = names.filter { $0.hasSuffix(".dcm") }.sorted().map { "\(folder)/\($0)" }
        guard files.count >= 2, files.count <= 100_000, let first = files.first else { throw missing }
        guard let header = try? DataSet(contentsOf: first, untilPixelData: true), var grid = GridGeometry(slice: header)
        else { throw PriorFolder.damaged("maps/ha") }
        var slices: [(along: Double, values: [Int16])] = []
        for file in files {
            guard let slice = read(file, grid) else { throw PriorFolder.damaged("maps/ha") }
            slices.append(slice)
        }
        slices.sort { $0.along < $1.along }
        let span = slices[slices.count - 1].along - slices[0].along
        let spacing = span / Double(slices.count - 1)
        let steps = zip(slices.dropFirst(), slices).map { $0.along - $1.along }
        guard spacing > 1e-3, steps.allSatisfy({ abs($0 - spacing) < 0.1 * spacing }) else {
            throw PriorFolder.damaged("maps/ha")
        }
        grid.origin = grid.origin + (slices[0].along - grid.origin.dot(grid.sliceDirection)) * grid.sliceDirection
        grid.slices = slices.count
        grid.sliceSpacingMm = spacing
        return Volume(geometry: grid, voxels: Array(slices.map(\.values).joined()))
    }

    private static func read(_ file: String, _ grid: GridGeometry) -> (along: Double, values: [Int16])? {
        guard let data = try? DataSet(contentsOf: file), let own = GridGeometry(slice: data),
            (own.columns, own.rows) == (grid.columns, grid.rows), own.rowDirection == grid.rowDirection,
            own.columnDirection == grid.columnDirection, let frame = try? data.decodeFrame()
        else { return nil }
        let slope = 10 * (data.double(.rescaleSlope) ?? 1)
        let intercept = 10 * (data.double(.rescaleIntercept) ?? 0)
        let values = frame.values.map { Int16(min(max(slope * Double($0) + intercept, -32_000), 32_000).rounded()) }
        return (own.origin.dot(grid.sliceDirection), values)
    }
}

extension GridGeometry {
    /// The plane of one image, as a grid of one slice; nil when its header does not say it.
    fileprivate init?(slice header: DataSet) {
        let (position, cosines) = (header.doubles(.imagePositionPatient), header.doubles(.imageOrientationPatient))
        let spacing = header.doubles(.pixelSpacing)
        guard position.count == 3, cosines.count == 6, spacing.count == 2, spacing.allSatisfy({ $0 > 0.01 }),
            let rows = header.integer(.rows), let columns = header.integer(.columns), rows > 0, columns > 0
        else { return nil }
        self.init(
            columns: columns, rows: rows, slices: 1, columnSpacingMm: spacing[1], rowSpacingMm: spacing[0],
            sliceSpacingMm: 1, origin: PatientVector(position[0], position[1], position[2]),
            rowDirection: PatientVector(cosines[0], cosines[1], cosines[2]),
            columnDirection: PatientVector(cosines[3], cosines[4], cosines[5]))
    }
}

/// The segments of a prior examination.
private struct PriorSegments {
    private let object: DataSet
    /// Label of each segment by its number.
    private var labelOf: [Int: UInt16] = [:]
    private var identities: [Int: String] = [:]

    /// - Parameter depositNumbers: in the order of the findings, which is that of the segments.
    init(_ object: DataSet, depositNumbers: [Int]) {
        self.object = object
        for segment in object.items(.segmentSequence) {
            guard let number = segment.integer(.segmentNumber) else { continue }
            if depositNumbers.indices.contains(number - 1) {
                let deposit = depositNumbers[number - 1]
                labelOf[number] = SegmentLabel.firstDeposit + UInt16(clamping: deposit - 1)
                identities[deposit] = segment.string(.trackingUID)
            } else if segment.string(.segmentLabel) == "Bone" {
                labelOf[number] = SegmentLabel.bone
            } else {
                labelOf[number] = SegmentLabel.excluded
            }
        }
    }

    /// The tracking UID of a deposit.
    func identity(of number: Int) -> String? { identities[number] }

    /// Unpacks the frames on a grid; nil when they do not lie on it.
    func labels(on grid: GridGeometry) -> Volume<UInt16>? {
        var result = Volume<UInt16>(geometry: grid, repeating: SegmentLabel.none)
        var isWhole = true
        do throws(BinarySegmentation.Misfit) {
            try BinarySegmentation(object: object).forEachVoxel(on: grid) { segment, voxel in
                guard let label = labelOf[segment] else {
                    isWhole = false
                    return
                }
                result.voxels[voxel] = label
            }
        } catch {
            return nil
        }
        return isWhole ? result : nil
    }
}

extension PriorExamination.Lesion {
    /// `R-D2-1`, `#3`: what a report can have called a deposit, whoever wrote the file.
    private static func isName(_ text: String) -> Bool {
        (2...16).contains(text.count) && text.utf8.allSatisfy { (0x20...0x7e).contains($0) && $0 != 0x5c }
    }

    fileprivate init(_ deposit: FindingsDocument.Deposit, identity: String?) {
        func estimate(_ interval: FindingsDocument.Interval?) -> Estimate {
            Estimate(value: interval?.value ?? 0, low: interval?.low ?? 0, high: interval?.high ?? 0)
        }
        self.init(
            number: deposit.number, identity: identity,
            material: MaterialClass(rawValue: deposit.material) ?? .indeterminate,
            volumeMm3: estimate(deposit.volumeMm3), hydroxyapatiteMassMg: estimate(deposit.hydroxyapatiteMassMg),
            massRepeatabilityMg: deposit.hydroxyapatiteMassRepeatabilityMg,
            name: deposit.name.flatMap { Self.isName($0) ? $0 : nil })
    }
}
