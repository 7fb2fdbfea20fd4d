import DICOM
public import DualEnergyCT
import Foundation

/// Writes everything a study's report consists of into a folder.
///
/// `sr.dcm` and `sr-enhanced.dcm` (the same report for an archive that refuses the first; deliver one of the two),
/// `seg.dcm` (absent when nothing is segmented), pages `summary-N.dcm` with `summary-N.png`, `report.txt` and
/// `report.html`. The same findings and source give the same bytes.
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
            && source.low.slices.count == findings.labels.geometry.slices
            && source.lowImage.geometry == source.grid.cropped(to: source.box),
        "labels, image and slice references describe one grid")
    let context = ReportContext(source: source, findings: findings)
    let writer = ResultWriter(context: context, folder: folder)
    let segmentation = SegmentationObject(context: context)
    let pictures = PictureSeries(context)
    let editions = context.editions.map { (edition: $0, pages: pictures.pages($0)) }
    var results: [WrittenResult] = []
    for (index, page) in editions.flatMap(\.pages).enumerated() {
        results += try writer.write(page, number: index + 1)
    }
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
    let texts = context.editions.map { $0.model.renderPlainText() }
    results.append(try writer.write(Array(texts.joined(separator: "\n").utf8), as: .plainText))
    let patient = PatientLine(source.header)
    let articles = try editions.map { edition, pages in
        // The first page's words are the article's own; of its pictures only the projection is needed.
        let figures = try ([pictures.projections(edition)] + pages.dropFirst()).map {
            ReportArticle.Figure(png: try writer.png($0.canvas), description: $0.description)
        }
        return ReportArticle(
            model: edition.model, say: Phrases(language: edition.language), patient: patient, figures: figures)
    }
    return results + [try writer.write(Array(ReportPage(articles: articles).html().utf8), as: .page)]
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

    /// A page of the pictures, as DICOM and for everybody else.
    func write(_ page: PictureSeries.Page, number: Int) throws -> [WrittenResult] {
        let canvas = page.canvas
        let stem = "\(folder)/summary-\(number)"
        let object = context.secondaryCapture(
            rgb: canvas.rgbBytes(), width: canvas.width, height: canvas.height, page: number)
        try object.write(to: "\(stem).dcm")
        try Data(png(canvas)).write(to: URL(fileURLWithPath: "\(stem).png"))
        let instance = StoredInstance(
            sopClassUID: SeriesKind.summary.sopClass, sopInstanceUID: context.pageUID(number),
            transferSyntaxUID: TransferSyntax.explicitLittleEndian.uid, path: "\(stem).dcm")
        return [
            WrittenResult(
                kind: .summary, path: "\(stem).dcm", instance: instance,
                seriesInstanceUID: context.seriesInstanceUID(.summary)),
            WrittenResult(kind: .summaryPNG, path: "\(stem).png", instance: nil, seriesInstanceUID: nil),
        ]
    }

    func png(_ canvas: Canvas) throws -> [UInt8] {
        guard let png = canvas.pngBytes() else {
            throw DICOMError(.other, "the picture cannot be encoded as PNG; check the Cairo library")
        }
        return png
    }
}
