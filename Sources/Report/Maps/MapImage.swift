import DICOM
import DualEnergyCT

/// The slices of one material map as CT images in the source's geometry, so that any viewer shows, windows and fuses
/// them.
///
/// Reference: PS3.3 A.3.
struct MapImage {
    let map: MaterialMap
    let presentation: MapPresentation
    let source: ReportSource
    let identity: ResultIdentity
    /// What all slices share; each slice is written over the one before.
    private let object: DataSet

    init(map: MaterialMap, source: ReportSource, identity: ResultIdentity) {
        self.map = map
        presentation = MapPresentation(map)
        self.source = source
        self.identity = identity
        let suffix =
            (source.keepsEdges ? " - edges kept" : "") + (source.revision > 1 ? " - revision \(source.revision)" : "")
        let series = SeriesKind(
            modality: "CT", offset: presentation.seriesOffset, description: presentation.description,
            sopClass: SOPClass.ctImage, role: "map \(map.name)")
        object = ObjectHeader(source: source, identity: identity).dataSet(series, suffix: suffix)
        seriesInstanceUID = identity.uid("map \(map.name) series")
        setSource()
        setImage()
        setValues()
    }

    let seriesInstanceUID: UID

    func sopInstanceUID(slice k: Int) -> UID { identity.uid("map \(map.name) instance \(k + 1)") }

    /// Writes slice k of the grid.
    ///
    /// - Parameter values: in the mapper's unit, columns fastest.
    func write(slice k: Int, values: ArraySlice<Float>, to path: String) throws(DICOMError) {
        object.set(.sopInstanceUID, sopInstanceUID(slice: k))
        // The number of the image it was made from, so that both scroll alike.
        object.set(.instanceNumber, integer: source.low.slices[k].instanceNumber ?? k + 1)
        let position = geometry.position(0, 0, Double(k))
        object.set(.imagePositionPatient, doubles: [position.x, position.y, position.z])
        object.remove(.sourceImageSequence)
        for (n, slice) in [source.low.slices[k], source.high.slices[k]].enumerated() {
            let item = object.appendItem(.sourceImageSequence)
            item.set(.referencedSOPClassUID, slice.sopClassUID)
            item.set(.referencedSOPInstanceUID, slice.sopInstanceUID)
            if let frame = slice.frameNumber { item.set(.referencedFrameNumber, integer: frame) }
            item.append(Code.sourceImageForProcessing.concept, to: .purposeOfReferenceCodeSequence)
            // The image of the higher energy may have been moved or resampled onto the other's voxels.
            if n == 0 { item.set(.spatialLocationsPreserved, "YES") }
        }
        object.setBytes(.pixelData, pixels(values))
        try object.write(to: path)
    }

    /// Stored values as they are written, two bytes each.
    private func pixels(_ values: ArraySlice<Float>) -> [UInt8] {
        let presentation = presentation
        return [UInt8](unsafeUninitializedCapacity: 2 * values.count) { bytes, count in
            values.withUnsafeBufferPointer { values in
                for n in 0..<values.count {
                    let stored = values[n] == 0 ? 0 : presentation.stored(values[n])
                    UnsafeMutableRawBufferPointer(bytes).storeBytes(
                        of: stored.littleEndian, toByteOffset: 2 * n, as: Int16.self)
                }
            }
            count = 2 * values.count
        }
    }

    // MARK: - Modules

    private var geometry: GridGeometry { source.grid }

    private func setSource() {
        let header = source.header
        object.copy(
            [
                .acquisitionDate, .acquisitionTime, .acquisitionDateTime, .contrastBolusAgent, .bodyPartExamined,
                .protocolName, .gantryDetectorTilt, .convolutionKernel, .patientPosition, .acquisitionNumber,
                .frameOfReferenceUID, .positionReferenceIndicator,
            ], from: header)
        let required: [Tag] = [.patientPosition, .acquisitionNumber, .positionReferenceIndicator]
        for tag in required where !object.contains(tag) { object.setEmpty(tag) }
        // Made from two energies: neither is its own.
        object.setEmpty(.kvp)
        switch source.laterality {
        case _ where source.isUnpaired: break
        case .right: object.set(.imageLaterality, "R")
        case .left: object.set(.imageLaterality, "L")
        case .both: object.set(.imageLaterality, "B")
        // Required of a paired body part, with or without a value.
        case .unknown: object.setEmpty(.laterality)
        }
        // Without the sequence that describes it, YES would be a fault.
        if header.string(.multienergyCTAcquisition) == "YES", !header.items(.multienergyCTAcquisitionSequence).isEmpty {
            object.copy(
                [
                    .multienergyCTAcquisition, .multienergyCTAcquisitionSequence, .multienergyCTProcessingSequence,
                    .multienergyCTCharacteristicsSequence,
                ], from: header)
        }
    }

    private func setImage() {
        object.set(.imageType, ["DERIVED", "PRIMARY", "AXIAL", presentation.imageType])
        let mean = source.keepsEdges ? " after an edge-keeping mean" : ""
        object.set(
            .derivationDescription, "\(presentation.meaning), from \(beams) by dual-energy decomposition\(mean)")
        object.append(Code.materialDecomposition.concept, to: .derivationCodeSequence)
        object.set(.burnedInAnnotation, "NO")
        object.set(.sliceThickness, double: source.sliceThicknessMm)
        object.set(.pixelSpacing, doubles: [geometry.rowSpacingMm, geometry.columnSpacingMm])
        let (row, column) = (geometry.rowDirection, geometry.columnDirection)
        object.set(.imageOrientationPatient, doubles: [row.x, row.y, row.z, column.x, column.y, column.z])
        object.setPixels(rows: geometry.rows, columns: geometry.columns, bits: 16, isSigned: true)
        object.copyLossyCompression(from: source.header)
    }

    /// What a stored value means, three times: as every viewer reads it, for its window, and with its unit as a code.
    ///
    /// Reference: PS3.3 C.11.1 and C.7.6.16.2.11.
    private func setValues() {
        object.set(.rescaleSlope, double: presentation.slope)
        object.set(.rescaleIntercept, double: 0)
        object.set(.rescaleType, presentation.rescaleType)
        object.set(.windowCenter, double: presentation.window.centre)
        object.set(.windowWidth, double: presentation.window.width)
        // The default function knows no window narrower than 1 (PS3.3 C.11.2.1.2.1).
        if presentation.window.width < 1 { object.set(.voiLUTFunction, "LINEAR_EXACT") }
        let mapping = object.appendItem(.realWorldValueMappingSequence)
        mapping.set(.lutExplanation, String(presentation.meaning.prefix(64)))
        mapping.set(.lutLabel, label)
        mapping.append(presentation.unit.concept, to: .measurementUnitsCodeSequence)
        mapping.set(.realWorldValueFirstValueMapped, integer: -32_768, vr: "SS")
        mapping.set(.realWorldValueLastValueMapped, integer: 32_767, vr: "SS")
        mapping.set(.realWorldValueIntercept, double: 0)
        mapping.set(.realWorldValueSlope, double: presentation.slope)
        let quantity = mapping.appendItem(.quantityDefinitionSequence)
        quantity.set(.valueType, "CODE")
        quantity.append(Code.quantity.concept, to: .conceptNameCodeSequence)
        quantity.append(presentation.quantity.concept, to: .conceptCodeSequence)
        if presentation.isDeviation {
            let derivation = mapping.appendItem(.quantityDefinitionSequence)
            derivation.set(.valueType, "CODE")
            derivation.append(Code.derivation.concept, to: .conceptNameCodeSequence)
            derivation.append(Code.standardDeviation.concept, to: .conceptCodeSequence)
        }
        ObjectHeader(source: source, identity: identity).identifyCodingScheme(in: object)
    }

    /// The map's name in the 16 characters that LUT Label has.
    private var label: String {
        let name = String(map.name.uppercased().map { $0 == "-" || $0 == ":" ? "_" : $0 })
        return name.count <= 16 ? name : name.prefix(13) + "_SD"
    }

    private var beams: String {
        let facts = ReportFacts(source: source)
        return "\(facts.lowBeam) and \(facts.highBeam) \(facts.beamUnit)"
    }
}
