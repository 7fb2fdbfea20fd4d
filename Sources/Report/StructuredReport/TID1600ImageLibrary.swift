import DICOM
import DualEnergyCT

/// The two series that were analysed: one group an energy, with its description once and not under every image.
///
/// Reference: PS3.16 TID 1600 and 1602.
struct TID1600ImageLibrary {
    let context: ReportContext

    func item() -> ContentItem {
        .container(
            .imageLibrary, template: "1600", children: [group(context.source.low), group(context.source.high)])
    }

    private func group(_ series: SourceSeries) -> ContentItem {
        .container(
            .imageLibraryGroup,
            children: description(series)
                + series.instances.map { instance in
                    ContentItem(
                        .contains, Code.source.concept,
                        .image(sopClass: instance.sopClassUID, sopInstance: instance.sopInstanceUID))
                })
    }

    private func description(_ series: SourceSeries) -> [ContentItem] {
        let geometry = context.source.grid
        var items: [ContentItem] = [.code(.hasAcquisitionContext, .modality, .computedTomography)]
        if let frame = context.source.header.uid(.frameOfReferenceUID) {
            items.append(.uid(.hasAcquisitionContext, .frameOfReferenceUID, frame))
        }
        func add(_ concept: Code, _ value: Double, _ unit: Code, _ decimals: Int) {
            items.append(.number(concept, value, unit, decimals: decimals, as: .hasAcquisitionContext))
        }
        add(.pixelDataRows, Double(geometry.rows), .pixels, 0)
        add(.pixelDataColumns, Double(geometry.columns), .pixels, 0)
        add(.horizontalPixelSpacing, geometry.columnSpacingMm, .millimetre, 4)
        add(.verticalPixelSpacing, geometry.rowSpacingMm, .millimetre, 4)
        add(.sliceThickness, context.source.sliceThicknessMm, .millimetre, 2)
        if let kilovolts = series.beam.tubeKilovolts { add(.peakKilovoltage, kilovolts, .kilovolt, 0) }
        if case .monoenergetic(let energy) = series.beam {
            add(.monoenergeticEquivalentEnergy, energy, .kiloelectronvolt, 0)
        }
        return items
    }
}
