public import DICOM

/// Small CT images with what a Storage SCP looks at.
public enum SampleImage {
    /// - Parameters:
    ///   - number: makes the SOP Instance UID.
    ///   - variant: makes the pixels.
    public static func make(_ number: Int, variant: Int = 0, study: UID = "2.25.1000", side: Int = 64) -> DataSet {
        let image = DataSet()
        image.set(.sopClassUID, SOPClass.ctImage)
        image.set(.sopInstanceUID, UID(rawValue: "2.25.\(number + 1)"))
        image.set(.studyInstanceUID, study)
        image.set(.seriesInstanceUID, "2.25.1001")
        image.set(.patientName, "Müller^Zoë")
        image.set(.patientID, "P1")
        image.set(.modality, "CT")
        image.append(CodedConcept("HANDCT", "99SITE", "Hand"), to: .procedureCodeSequence)
        image.set(.instanceNumber, integer: number)
        image.set(.rows, integer: side)
        image.set(.columns, integer: side)
        image.set(.samplesPerPixel, integer: 1)
        image.set(.photometricInterpretation, "MONOCHROME2")
        image.set(.bitsAllocated, integer: 16)
        image.set(.bitsStored, integer: 12)
        image.set(.highBit, integer: 11)
        image.set(.pixelRepresentation, integer: 0)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(side * side * 2)
        for index in 0..<side * side {
            let value = (index * 7 + number * 13 + variant * 101) % 4096
            bytes += [UInt8(value & 0xFF), UInt8(value >> 8)]
        }
        image.setBytes(.pixelData, bytes)
        return image
    }

    /// Writes images 0 ..< count into a folder and names them.
    public static func write(
        _ count: Int, to folder: TemporaryFolder, prefix: String = "image", variant: Int = 0, side: Int = 64
    ) throws -> [StoredInstance] {
        try (0..<count).map { number in
            let path = folder.file("\(prefix)\(number).dcm")
            try make(number, variant: variant, side: side).write(to: path)
            return StoredInstance(
                sopClassUID: SOPClass.ctImage, sopInstanceUID: UID(rawValue: "2.25.\(number + 1)"),
                transferSyntaxUID: TransferSyntax.explicitLittleEndian.uid, path: path)
        }
    }
}
