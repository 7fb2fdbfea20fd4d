import DICOM

extension ImageHeader {
    /// The headers of one file: one of a single-frame object, one for each frame of an Enhanced CT image.
    static func headers(of dataSet: DataSet, path: String, byteCount: Int) -> [ImageHeader] {
        var header = ImageHeader(path: path, byteCount: byteCount)
        header.readIdentity(dataSet)
        header.readDescription(dataSet)
        header.readEnergy(dataSet)
        header.readGeometry(dataSet)
        header.readPixels(dataSet)
        guard header.sopClassUID == SOPClass.enhancedCT.rawValue else { return [header] }
        return header.frames(of: dataSet)
    }

    private mutating func readIdentity(_ dataSet: DataSet) {
        patientID = dataSet.string(.patientID) ?? ""
        patientName = dataSet.string(.patientName) ?? ""
        patientBirthDate = dataSet.string(.patientBirthDate) ?? ""
        studyInstanceUID = dataSet.string(.studyInstanceUID) ?? ""
        seriesInstanceUID = dataSet.string(.seriesInstanceUID) ?? ""
        sopInstanceUID = dataSet.string(.sopInstanceUID) ?? ""
        sopClassUID = dataSet.string(.sopClassUID) ?? ""
        frameOfReferenceUID = dataSet.string(.frameOfReferenceUID) ?? ""
    }

    private mutating func readDescription(_ dataSet: DataSet) {
        modality = dataSet.string(.modality) ?? ""
        manufacturer = dataSet.string(.manufacturer) ?? ""
        imageType = dataSet.strings(.imageType)
        seriesNumber = dataSet.integer(.seriesNumber)
        instanceNumber = dataSet.integer(.instanceNumber)
        acquisitionNumber = dataSet.integer(.acquisitionNumber)
        seriesDescription = dataSet.string(.seriesDescription) ?? ""
        protocolName = dataSet.string(.protocolName) ?? ""
        studyDescription = dataSet.string(.studyDescription) ?? ""
        bodyPart = dataSet.string(.bodyPartExamined) ?? ""
        laterality = dataSet.string(.imageLaterality) ?? ""
        seriesLaterality = dataSet.string(.laterality) ?? ""
        kernel = dataSet.strings(.convolutionKernel).filter { !$0.isEmpty }.joined(separator: "/")
        contrastAgent = dataSet.string(.contrastBolusAgent) ?? ""
        procedureCodes = [.procedureCodeSequence, .requestedProcedureCodeSequence, .performedProtocolCodeSequence]
            .flatMap { (tag: Tag) in dataSet.items(tag).compactMap { $0.string(.codeValue) } }
    }

    private mutating func readEnergy(_ dataSet: DataSet) {
        if let voltage = dataSet.double(.kvp) { kilovolts = [voltage] }
        filterMaterial = dataSet.strings(.filterMaterial).joined(separator: " ")
        filterType = dataSet.string(.filterType) ?? ""
        filterThicknessMm = Self.filterThickness(dataSet)
        isMultiEnergy = dataSet.string(.multienergyCTAcquisition) == "YES"
        for acquisition in dataSet.items(.multienergyCTAcquisitionSequence) {
            for source in acquisition.items(.multienergyCTXRaySourceSequence) {
                readSource(source)
            }
            readSource(acquisition)
        }
        for characteristics in dataSet.items(.multienergyCTCharacteristicsSequence) {
            monoenergeticKeV = characteristics.double(.monoenergeticEnergyEquivalent) ?? monoenergeticKeV
        }
        monoenergeticKeV = monoenergeticKeV ?? dataSet.double(.monoenergeticEnergyEquivalent)
    }

    /// A source of the multi-energy macro names its own voltage and filter where the top level has none.
    private mutating func readSource(_ source: DataSet) {
        let details = source.items(.ctXRayDetailsSequence) + [source]
        for detail in details {
            if let voltage = detail.double(.kvp), !kilovolts.contains(voltage) { kilovolts.append(voltage) }
            let material = detail.strings(.filterMaterial).joined(separator: " ")
            if filterMaterial.isEmpty, !material.isEmpty {
                filterMaterial = material
                filterThicknessMm = Self.filterThickness(detail)
            }
        }
    }

    private static func filterThickness(_ dataSet: DataSet) -> Double? {
        let ends = [Tag(0x0018, 0x7052), Tag(0x0018, 0x7054)].compactMap { dataSet.double($0) }
        return ends.isEmpty ? nil : ends.reduce(0, +) / Double(ends.count)
    }

    private mutating func readGeometry(_ dataSet: DataSet) {
        rows = dataSet.integer(.rows) ?? 0
        columns = dataSet.integer(.columns) ?? 0
        pixelSpacing = Self.numbers(dataSet, .pixelSpacing)
        orientation = Self.numbers(dataSet, .imageOrientationPatient)
        position = Self.numbers(dataSet, .imagePositionPatient)
        sliceThickness = Self.numbers(dataSet, .sliceThickness).first
        gantryTilt = Self.numbers(dataSet, .gantryDetectorTilt).first
    }

    private mutating func readPixels(_ dataSet: DataSet) {
        samplesPerPixel = dataSet.integer(.samplesPerPixel) ?? 1
        photometricInterpretation = dataSet.string(.photometricInterpretation) ?? ""
        isSigned = dataSet.integer(.pixelRepresentation) == 1
        rescaleSlope = Self.numbers(dataSet, .rescaleSlope).first ?? 1
        rescaleIntercept = Self.numbers(dataSet, .rescaleIntercept).first ?? 0
        rescaleType = dataSet.string(.rescaleType) ?? ""
        paddingValue = stored(dataSet.integer(.pixelPaddingValue))
        paddingRangeLimit = stored(dataSet.integer(.pixelPaddingRangeLimit))
    }

    /// US or SS depends on Pixel Representation; a reader without that knowledge gives the unsigned number.
    private func stored(_ value: Int?) -> Int? {
        guard let value, isSigned, value > 32767 else { return value }
        return value - 65536
    }

    /// Numbers of an attribute; NaN for one that is there and is none, so that its absence stays distinguishable.
    private static func numbers(_ dataSet: DataSet, _ tag: Tag) -> [Double] {
        let values = dataSet.doubles(tag)
        return values.isEmpty && dataSet.string(tag) != nil ? [.nan] : values
    }
}

extension ImageHeader {
    /// One header for each frame: what the shared functional groups say, then what the frame's own say.
    ///
    /// Reference: PS3.3 C.7.6.16
    private func frames(of dataSet: DataSet) -> [ImageHeader] {
        var shared = self
        for group in dataSet.items(.sharedFunctionalGroupsSequence) { shared.readGroups(group) }
        let frames = dataSet.items(.perFrameFunctionalGroupsSequence)
        guard !frames.isEmpty else { return [shared] }
        return frames.enumerated().map { index, group in
            var header = shared
            header.frame = index
            header.readGroups(group)
            return header
        }
    }

    private mutating func readGroups(_ group: DataSet) {
        for item in group.items(.pixelMeasuresSequence) {
            pixelSpacing = Self.numbers(item, .pixelSpacing)
            sliceThickness = Self.numbers(item, .sliceThickness).first
        }
        for item in group.items(.planePositionSequence) { position = Self.numbers(item, .imagePositionPatient) }
        for item in group.items(.planeOrientationSequence) {
            orientation = Self.numbers(item, .imageOrientationPatient)
        }
        for item in group.items(.pixelValueTransformationSequence) {
            rescaleSlope = Self.numbers(item, .rescaleSlope).first ?? 1
            rescaleIntercept = Self.numbers(item, .rescaleIntercept).first ?? 0
            rescaleType = item.string(.rescaleType) ?? ""
        }
        for item in group.items(.ctImageFrameTypeSequence) {
            let type = item.strings(.frameType)
            if !type.isEmpty { imageType = type }
        }
        for item in group.items(.ctReconstructionSequence) {
            let names = item.strings(.convolutionKernel).filter { !$0.isEmpty }
            if !names.isEmpty { kernel = names.joined(separator: "/") }
        }
        for item in group.items(.frameAnatomySequence) { laterality = item.string(.frameLaterality) ?? laterality }
        for item in group.items(.ctGeometrySequence) { gantryTilt = Self.numbers(item, .gantryDetectorTilt).first }
        for item in group.items(.ctXRayDetailsSequence) { readSource(item) }
        for item in group.items(.multienergyCTCharacteristicsSequence) {
            monoenergeticKeV = item.double(.monoenergeticEnergyEquivalent) ?? monoenergeticKeV
        }
        for item in group.items(.frameContentSequence) {
            acquisitionNumber = item.integer(.frameAcquisitionNumber) ?? acquisitionNumber
        }
    }
}
