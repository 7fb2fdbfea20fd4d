import DICOM
import DualEnergyCT

extension ReportFacts {
    init(source: ReportSource) {
        let (low, unit) = Self.name(source.low.beam)
        let (high, _) = Self.name(source.high.beam)
        self.init(
            examination: Self.examination(source.header), lowBeam: low, highBeam: high, beamUnit: unit,
            sliceThicknessMm: source.sliceThicknessMm,
            place: Place(region: source.region, laterality: source.laterality), revision: source.revision,
            signal: source.closing.signal, algorithmVersion: source.algorithmVersion,
            configurationDigest: source.configurationDigest, language: source.language,
            imageNumbers: source.low.slices.enumerated().map { $0.element.instanceNumber ?? $0.offset + 1 },
            priorDate: source.prior.flatMap { Self.day($0.examinationDate) },
            predecessor: source.predecessorSummary,
            series: [source.low, source.high].map {
                PredecessorSummary.Series(
                    seriesInstanceUID: $0.seriesInstanceUID, imageCount: $0.slices.count, imageNumbers: $0.imageNumbers)
            },
            isReviewed: source.review != nil, isReviewKept: source.review?.isKept ?? false,
            unusedContours: source.unusedContours, priorSearchFailure: source.priorSearchFailure)
    }

    /// The same in another language.
    func inLanguage(_ language: ReportLanguage) -> ReportFacts {
        var result = self
        result.language = language
        return result
    }

    /// `Sn150` and `kV`, as radiologists write a tin-filtered beam; `120 L1` is the layer nearer to the tube.
    private static func name(_ beam: BeamQuality) -> (String, String) {
        func whole(_ value: Double) -> String { NumberText.decimalString.text(value, decimals: 0) }
        return switch beam {
        case .tube(let kilovolts, let tinMm):
            ((tinMm > 0 ? "Sn" : "") + whole(kilovolts), "kV")
        case .monoenergetic(let energy): (whole(energy), "keV")
        case .detectorLayer(let layer, let kilovolts): (whole(kilovolts) + (layer == .upper ? " L1" : " L2"), "kV")
        case .photonCounting(let kilovolts, let tinMm, let window):
            (
                (tinMm > 0 ? "Sn" : "") + whole(kilovolts)
                    + " (\(whole(window.lowerBound))-\(whole(window.upperBound)) keV)", "kV"
            )
        }
    }

    /// Date and time of the acquisition, or of the study where the image does not say.
    private static func examination(_ header: DataSet) -> String {
        let date = header.string(.acquisitionDate) ?? header.string(.studyDate) ?? ""
        let time = header.string(.acquisitionTime) ?? header.string(.studyTime) ?? ""
        let t = Array(time.prefix(4))
        let hour = t.count == 4 ? " \(String(t[0..<2])):\(String(t[2..<4]))" : ""
        return (day(date) ?? date) + hour
    }

    /// `2026-01-02` of `20260102`; nil for what is no date.
    private static func day(_ date: String) -> String? {
        let d = Array(date.prefix(8))
        guard d.count == 8, d.allSatisfy(\.isNumber) else { return nil }
        return "\(String(d[0..<4]))-\(String(d[4..<6]))-\(String(d[6..<8]))"
    }
}

extension ReportSource {
    /// Whether the header's part of the body has no other side, so that no object may name one.
    var isUnpaired: Bool { header.string(.bodyPartExamined).map(BodyPart.isUnpaired) ?? false }

    /// Without the side that the header names where the images show the other one.
    func sayingNoWrongSide(_ findings: Findings) -> ReportSource {
        let hasNoSide = isUnpaired && [.pelvis, .other].contains(region)
        guard hasNoSide || findings.trust.reasons.contains(where: { $0.kind == .side }) else { return self }
        var result = self
        result.laterality = .unknown
        return result
    }

    /// With a word where a text that DICOM requires is empty.
    var withNames: ReportSource {
        var result = self
        if installationSerial.isEmpty { result.installationSerial = "unnamed" }
        if configurationDigest.isEmpty { result.configurationDigest = "none" }
        return result
    }
}
