import DICOM
public import DualEnergyCT
import Foundation

/// Writes everything a study's report consists of into a folder.
///
/// `sr.dcm` and `sr-enhanced.dcm` (the same report for an archive that refuses the first; deliver one of the two),
/// `seg.dcm` (absent when nothing is segmented), `summary-1.dcm` with `summary-1.png`, and `report.txt`. The same
/// findings and source give the same bytes.
///
/// - Parameters:
///   - findings: what the core found; its labels lie on the grid of `source.lowImage`.
///   - source: where the images came from.
///   - folder: an existing folder; files of the same names are replaced.
/// - Returns: the files in the order in which they are best delivered: the picture first, the report last, since it
///   refers to the segmentation.
/// - Throws: `DICOMError`, or `CocoaError` when a file cannot be written.
public func writeResults(findings: Findings, source: ReportSource, to folder: String) throws -> [WrittenResult] {
    precondition(
        findings.labels.geometry == source.lowImage.geometry
            && source.low.slices.count == findings.labels.geometry.slices,
        "labels, image and slice references describe one grid")
    let context = ReportContext(source: source, findings: findings)
    let writer = ResultWriter(context: context, folder: folder)
    let segmentation = SegmentationObject(context: context)
    var results = try writer.writePicture()
    if let segmentation { results.append(try writer.write(.segmentation, segmentation.dataSet(), as: .segmentation)) }
    let tree = TID1500MeasurementReport(context: context, segmentation: segmentation).root()
    for (kind, series) in [
        (WrittenResult.Kind.enhancedStructuredReport, SeriesKind.enhancedReport), (.structuredReport, .report),
    ] {
        let header = context.documentHeader(series, segmentation: segmentation)
        let path = writer.path(kind)
        try writeStructuredReport(tree, header: header, to: path)
        results.append(writer.result(kind, series))
    }
    let texts = [context.model, context.secondModel].compactMap { $0?.renderPlainText() }
    return results + [try writer.write(Array(texts.joined(separator: "\n").utf8), as: .plainText)]
}

/// Puts objects into files of fixed names.
private struct ResultWriter {
    let context: ReportContext
    let folder: String

    func path(_ kind: WrittenResult.Kind) -> String { "\(folder)/\(kind.fileName)" }

    func result(_ kind: WrittenResult.Kind, _ series: SeriesKind) -> WrittenResult {
        let instance = StoredInstance(
            sopClassUID: series.sopClass, sopInstanceUID: context.sopInstanceUID(series),
            transferSyntaxUID: TransferSyntax.explicitLittleEndian.uid, path: path(kind))
        return WrittenResult(
            kind: kind, path: path(kind), instance: instance, seriesInstanceUID: context.seriesInstanceUID(series))
    }

    func write(_ series: SeriesKind, _ object: DataSet, as kind: WrittenResult.Kind) throws -> WrittenResult {
        try object.write(to: path(kind))
        return result(kind, series)
    }

    func write(_ bytes: [UInt8], as kind: WrittenResult.Kind) throws -> WrittenResult {
        try Data(bytes).write(to: URL(fileURLWithPath: path(kind)))
        return WrittenResult(kind: kind, path: path(kind), instance: nil, seriesInstanceUID: nil)
    }

    func writePicture() throws -> [WrittenResult] {
        let projection = Projection(image: context.source.lowImage, labels: context.findings.labels)
        let canvas = SummaryPicture(
            model: context.model, findings: context.findings, place: context.place, projection: projection,
            language: context.source.language
        ).draw()
        guard let png = canvas.pngBytes() else {
            throw DICOMError(.other, "the picture cannot be encoded as PNG; check the Cairo library")
        }
        let object = context.secondaryCapture(rgb: canvas.rgbBytes(), width: canvas.width, height: canvas.height)
        return [try write(.summary, object, as: .summary), try write(png, as: .summaryPNG)]
    }
}
