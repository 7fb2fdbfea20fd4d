import DICOM

extension ReportContext {
    /// The first page keeps the UID that a series of one page has.
    func pageUID(_ page: Int) -> UID {
        page == 1 ? sopInstanceUID(.summary) : identity.uid("summary instance \(page)")
    }

    /// A page of the picture series: RGB, uncompressed, one file a page, for any viewer that shows images.
    ///
    /// Reference: PS3.3 A.8.
    ///
    /// - Parameter page: from 1.
    func secondaryCapture(rgb: [UInt8], width: Int, height: Int, page: Int) -> DataSet {
        let object = header(.summary)
        object.set(.sopInstanceUID, pageUID(page))
        object.set(.instanceNumber, integer: page)
        object.copy(.bodyPartExamined, from: source.header)
        // Required of a paired body part, with or without a value.
        if !source.isUnpaired {
            if let side = place.sideLetter { object.set(.laterality, side) } else { object.setEmpty(.laterality) }
        }
        object.set(.conversionType, "WSD")
        object.set(.dateOfSecondaryCapture, source.closing.date)
        object.set(.timeOfSecondaryCapture, source.closing.time)
        object.set(.imageType, ["DERIVED", "SECONDARY"])
        object.setEmpty(Tag(0x0020, 0x0020))  // Patient Orientation: a page has none.
        // The picture names no patient, the header does, unless the site wants both.
        object.set(.burnedInAnnotation, source.identityOnPictures ? "YES" : "NO")
        object.setPixels(rows: height, columns: width, bits: 8, isColour: true)
        object.copyLossyCompression(from: source.header)
        object.setBytes(.pixelData, rgb, vr: "OB")
        return object
    }
}
