import DICOM
import DualEnergyCT
import Report
import StudyAssembly

/// The middle of the way, in order: assembles the study, analyses its images, writes the results.
///
/// Everything that can be wrong with a study is an outcome. `findings.json` is written for each; DICOM objects only for
/// a study that could be analysed, also when the answer is that nothing can be claimed. All that was written is on disk
/// when this returns.
///
/// - Parameters:
///   - reserve: called with the bytes of memory that the analysis will take, about, when that is known and before they are
///     taken; whatever it does changes no result.
///   - progress: called with the part that is done, from 0 to 1, and the words for what is being done.
/// - Throws: `AnalysisFailure` for what is no property of the study: a folder that cannot be written.
public func analyse(
    _ job: AnalysisJob, reserve: (@Sendable (_ bytes: Int) -> Void)? = nil,
    progress: (Double, String) -> Void = { _, _ in }
) throws(AnalysisFailure) -> AnalysisOutcome {
    let output = ResultFolder(path: job.outputFolder)
    try output.make()
    var assembler = StudyAssembler(
        maximumFiles: job.limits.maximumInstances, maximumVoxels: job.limits.maximumVoxels)
    assembler.maximumKeptVoxels = job.limits.affordableVoxels
    if let reserve { assembler.beforeReading = { reserve($0 * bytesOfVoxel) } }
    // Contours may lie anywhere, and other maps show the air too.
    let hasContours = job.contours != nil || job.keptContours != nil
    assembler.cropsToBody = !hasContours && job.maps.allSatisfy { MaterialMap(name: $0) == .hydroxyapatite }
    if let eligibility = job.eligibility { assembler.eligibility = { eligibility.chooses($0) } }
    let (fate, study) = assembler.assemble(job.inputs) { progress(0.4 * $0, "reading the study") }
    switch fate {
    case .leftAlone(let reason):
        return try output.write(.leftAlone, [reason], study: study)
    case .setAside(let reasons):
        return try output.write(.setAside, reasons, study: study)
    case .analysable(let acquisition):
        let pair = acquisition.pair
        var contours: ContourChoice
        do throws(ContourRefusal) {
            contours = try ContourChoice(for: job, acquisition)
        } catch {
            return try output.write(error, study: study)
        }
        let path = job.prior ?? choosePrior(job.priorCandidates, region: pair.region, laterality: pair.laterality)
        let prior = try path.flatMap { path throws(AnalysisFailure) in
            try PriorFolder.read(path, of: job, for: acquisition, study: study)
        }
        var options = AnalysisOptions()
        options.prior = prior?.examination
        options.contours = contours.reviewed?.contours
        let calibration = try CalibrationChoice(for: acquisition, among: job.calibrations)
        options.calibration = try calibration.file?.usable()
        // Whatever is made of the pair from here on shows the body at one place.
        let alignment = EnergyAlignment(pair)
        var acquisition = acquisition
        acquisition.pair = alignment.pair
        progress(0.45, "looking for deposits")
        var findings = DualEnergyCT.analyse(alignment, options: options) {
            progress(0.45 + 0.45 * $0, "looking for deposits")
        }
        findings.applyHeaderLimits(of: acquisition)
        if findings.trust.status == .notAnalysable {
            do throws(ContourRefusal) {
                try contours.giveUp(in: job)
            } catch {
                return try output.write(error, study: study)
            }
        }
        // Bone or table stand in: as good as at a site without rods, so that the study is no less analysable.
        if let refusal = calibration.refusal { findings.trust.reasons.append(refusal) }
        progress(0.9, "writing the report")
        var outcome = try output.write(
            findings, of: acquisition, calibration: calibration.file, prior: prior?.report, contours: contours,
            job: job, study: study)
        outcome.prior = prior == nil ? nil : path
        if job.contours != nil { outcome.contours = contours.refusal == nil ? .measured : .refused }
        outcome.contoursDigest = contours.reviewed?.review.digest
        if let refusal = contours.refusal { outcome.reasons.append(refusal.reason) }
        return outcome
    }
}

/// Memory in bytes for each voxel of one energy that is kept, about: of a hand with the air around it; less in a region
/// that fills its box less.
private let bytesOfVoxel = 36

/// Memory in bytes that an analysis may keep for good: what lies beyond it had better be such as the kernel can write
/// out. It is used again and again, so that a part of it costs less than a part of a file.
public let keptMemoryBytes = 400 << 20

/// The analysis could not be done for a reason outside the study.
public struct AnalysisFailure: Error, Sendable, CustomStringConvertible {
    /// What happened and what to do, without patient data.
    public var message: String

    public init(message: String) { self.message = message }

    public var description: String { message }
}

extension AnalysisLimits {
    /// Voxels of one energy around the body that the memory has room for: both images are 4 bytes, the analysis takes
    /// about 40, and the results again a few.
    var affordableVoxels: Int {
        guard memoryBytes > 0 else { return maximumVoxels }
        return min(maximumVoxels, Int(clamping: memoryBytes / 48))
    }
}

extension Findings {
    /// What only the header knows: contrast agent is taken for calcium, and an edge kernel changes small structures.
    mutating func applyHeaderLimits(of acquisition: DualEnergyAcquisition) {
        if isEdgeKernel(acquisition.kernel) {
            trust.reasons.append(Trust.Reason(kind: .kernel, measured: 1, limit: 0, unit: "edge kernel"))
            if trust.status == .analysable { trust.status = .limited }
        }
        guard namesContrast(acquisition.contrastAgent) else { return }
        trust.reasons.append(Trust.Reason(kind: .iodine, measured: 1, limit: 0, unit: "agent"))
        self = Findings(
            trust: trust, deposits: [], totals: nil, urate: nil, exclusions: [],
            labels: Volume(geometry: labels.geometry, repeating: SegmentLabel.none), hydroxyapatiteTenths: nil)
        trust.status = .notAnalysable
    }

    /// Contrast/Bolus Agent is filled with words for none by some protocols.
    private func namesContrast(_ agent: String) -> Bool {
        let word = agent.uppercased().filter { $0.isLetter }
        return !["", "NO", "NONE", "NON", "WITHOUT", "NOCONTRAST", "NATIVE", "NATIV", "SANS", "OHNE"].contains(word)
    }
}

/// Reasons of the assembly and of the trust assessment in the words of an outcome.
extension AnalysisReason {
    init(_ reason: FateReason) {
        self.init(code: reason.code.rawValue, message: reason.message, remedy: reason.remedy)
    }

    init(_ reason: Trust.Reason) {
        let (message, remedy) = trustReasonText(reason, language: .english)
        self.init(code: reason.kind.rawValue, message: message, remedy: remedy)
    }
}
