import DICOM
import DualEnergyCT

/// The deposits, bone and excluded regions as a binary Segmentation on the grid of the low-energy series.
///
/// Reference: PS3.3 A.51 and C.8.20.
struct SegmentationObject {
    let context: ReportContext
    let segments: [Segment]
    private let frames: [(segment: Segment, slice: Int)]
    private let voxels: SegmentFrames

    /// Nil when nothing is segmented, or nothing may be claimed.
    init?(context: ReportContext) {
        guard !context.model.isNotAnalysable else { return nil }
        self.context = context
        voxels = SegmentFrames(labels: context.findings.labels, in: context.source.grid, at: context.source.box)
        let voxels = voxels
        segments = context.segments(occupied: voxels.labels)
        // Segment by segment, and only frames with something in them.
        frames = segments.flatMap { segment in voxels.slices(of: segment.label).map { (segment, $0) } }
        if frames.isEmpty { return nil }
    }

    private var geometry: GridGeometry { context.source.grid }

    func dataSet() -> DataSet {
        let object = context.header(.segmentation)
        object.copy(.bodyPartExamined, from: context.source.header)
        if segments.contains(where: { $0.type.isPrivate }) { context.identifyCodingScheme(in: object) }
        object.copy(.frameOfReferenceUID, from: context.source.header)
        object.copy(.positionReferenceIndicator, from: context.source.header)
        if !object.contains(.positionReferenceIndicator) { object.setEmpty(.positionReferenceIndicator) }
        setImage(of: object)
        for segment in segments { append(segment, to: object) }
        setDimensions(of: object)
        setSharedGroups(of: object)
        for frame in frames { appendFrame(frame.segment, slice: frame.slice, to: object) }
        setReferencedSeries(of: object)
        object.setBytes(.pixelData, voxels.packed(frames.map { ($0.segment.label, $0.slice) }), vr: "OB")
        return object
    }

    // MARK: - Modules

    private func setImage(of object: DataSet) {
        object.set(.imageType, ["DERIVED", "PRIMARY"])
        object.set(.contentLabel, "APATITE")
        object.set(.contentDescription, "Calcinosis, bone, excluded regions")
        object.set(.contentCreatorName, "Apatite^^^^")
        object.set(.segmentationType, "BINARY")
        object.set(.segmentsOverlap, "NO")
        object.set(.burnedInAnnotation, "NO")
        object.setPixels(rows: geometry.rows, columns: geometry.columns, bits: 1)
        object.copyLossyCompression(from: context.source.header)
        object.set(.numberOfFrames, integer: frames.count)
    }

    private func append(_ segment: Segment, to object: DataSet) {
        let item = object.appendItem(.segmentSequence)
        item.set(.segmentNumber, integer: segment.number)
        item.set(.segmentLabel, segment.name)
        item.append(segment.category.concept, to: .segmentedPropertyCategoryCodeSequence)
        let type = item.append(segment.type.concept, to: .segmentedPropertyTypeCodeSequence)
        if let modifier = segment.modifier {
            type.append(modifier.concept, to: .segmentedPropertyTypeModifierCodeSequence)
        }
        if let anatomy = segment.region {
            let region = item.append(anatomy.concept, to: .anatomicRegionSequence)
            if let side = segment.laterality { region.append(side.concept, to: .anatomicRegionModifierSequence) }
        }
        // Deposits that a reader outlined are no longer the algorithm's alone.
        let isReviewed = context.source.review != nil && segment.label >= SegmentLabel.firstDeposit
        item.set(.segmentAlgorithmType, isReviewed ? "SEMIAUTOMATIC" : "AUTOMATIC")
        item.set(.segmentAlgorithmName, "Apatite")
        let algorithm = item.appendItem(.segmentationAlgorithmIdentificationSequence)
        algorithm.append(Code.morphologicalOperations.concept, to: .algorithmFamilyCodeSequence)
        algorithm.set(.algorithmName, "Apatite")
        algorithm.set(.algorithmVersion, context.source.algorithmVersion)
        algorithm.set(.algorithmSource, "Apatite project")
        if let tracking = segment.tracking {
            item.set(.trackingID, tracking.identifier)
            item.set(.trackingUID, tracking.uid)
        }
        // PS3.3 C.10.7.1.1: L* from 0 to 100, a* and b* from -128 to 127, each over the range of an unsigned short.
        let (l, a, b) = segment.colour
        let values = [l * 65535 / 100, (a + 128) * 65535 / 255, (b + 128) * 65535 / 255]
        item.set(.recommendedDisplayCIELabValue, integers: values.map { Int($0.rounded()) })
    }

    private func setDimensions(of object: DataSet) {
        let organization = context.identity.uid("dimension organization")
        object.appendItem(.dimensionOrganizationSequence).set(.dimensionOrganizationUID, organization)
        let dimensions: [(pointer: Tag, group: Tag, label: String)] = [
            (.referencedSegmentNumber, .segmentIdentificationSequence, "Segment Number"),
            (.imagePositionPatient, .planePositionSequence, "Image Position Patient"),
        ]
        for dimension in dimensions {
            let item = object.appendItem(.dimensionIndexSequence)
            item.set(.dimensionOrganizationUID, organization)
            item.set(.dimensionIndexPointer, dimension.pointer.description)
            item.set(.functionalGroupPointer, dimension.group.description)
            item.set(.dimensionDescriptionLabel, dimension.label)
        }
    }

    private func setSharedGroups(of object: DataSet) {
        let shared = object.appendItem(.sharedFunctionalGroupsSequence)
        let measures = shared.appendItem(.pixelMeasuresSequence)
        measures.set(.pixelSpacing, doubles: [geometry.rowSpacingMm, geometry.columnSpacingMm])
        measures.set(.sliceThickness, double: context.source.sliceThicknessMm)
        measures.set(.spacingBetweenSlices, double: geometry.sliceSpacingMm)
        let (row, column) = (geometry.rowDirection, geometry.columnDirection)
        shared.appendItem(.planeOrientationSequence).set(
            .imageOrientationPatient, doubles: [row.x, row.y, row.z, column.x, column.y, column.z])
    }

    private func appendFrame(_ segment: Segment, slice: Int, to object: DataSet) {
        let groups = object.appendItem(.perFrameFunctionalGroupsSequence)
        let derivation = groups.appendItem(.derivationImageSequence)
        derivation.append(Code.segmentation.concept, to: .derivationCodeSequence)
        let image = derivation.appendItem(.sourceImageSequence)
        let source = context.source.low.slices[slice]
        image.set(.referencedSOPClassUID, source.sopClassUID)
        image.set(.referencedSOPInstanceUID, source.sopInstanceUID)
        if let frame = source.frameNumber { image.set(.referencedFrameNumber, integer: frame) }
        image.append(Code.sourceImageForProcessing.concept, to: .purposeOfReferenceCodeSequence)
        // Pixel for pixel the source's grid: a reader may lay the frame over the image without a transformation.
        image.set(.spatialLocationsPreserved, "YES")

        let content = groups.appendItem(.frameContentSequence)
        content.set(.stackID, "1")
        content.set(.inStackPositionNumber, integer: slice + 1)
        content.set(.dimensionIndexValues, integers: [segment.number, slice + 1])
        let position = geometry.position(0, 0, Double(slice))
        groups.appendItem(.planePositionSequence).set(
            .imagePositionPatient, doubles: [position.x, position.y, position.z])
        groups.appendItem(.segmentIdentificationSequence).set(.referencedSegmentNumber, integer: segment.number)
    }

    /// Viewers find the series to lie over by this sequence.
    private func setReferencedSeries(of object: DataSet) {
        let series = object.appendItem(.referencedSeriesSequence)
        series.set(.seriesInstanceUID, context.source.low.seriesInstanceUID)
        for instance in context.source.low.instances {
            let item = series.appendItem(.referencedInstanceSequence)
            item.set(.referencedSOPClassUID, instance.sopClassUID)
            item.set(.referencedSOPInstanceUID, instance.sopInstanceUID)
        }
    }
}

extension SourceSeries {
    /// Each stored object once: the frames of a multi-frame image share one.
    var instances: [SourceSlice] {
        var seen: Set<UID> = []
        return slices.filter { seen.insert($0.sopInstanceUID).inserted }
    }
}
