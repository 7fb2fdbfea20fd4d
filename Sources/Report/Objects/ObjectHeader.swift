import DICOM
import DualEnergyCT

/// What distinguishes one of the result series from the others.
struct SeriesKind {
    let modality: String
    /// Series Number, counted from the first one that results have in this study.
    let offset: Int
    /// English, as it stands in a work list; the outcome and the revision are appended.
    let description: String
    let sopClass: UID
    /// Part of the derived UIDs: never changes for a kind.
    let role: String

    static let summary = SeriesKind(
        modality: "OT", offset: 0, description: "Apatite summary", sopClass: SOPClass.secondaryCapture,
        role: "summary")
    static let segmentation = SeriesKind(
        modality: "SEG", offset: 1, description: "Apatite segmentation", sopClass: SOPClass.segmentation,
        role: "segmentation")
    static let report = SeriesKind(
        modality: "SR", offset: 2, description: "Apatite calcinosis report", sopClass: SOPClass.comprehensive3DSR,
        role: "report")
    /// An object of its own, so that an archive that has one never takes the other for it.
    static let enhancedReport = SeriesKind(
        modality: "SR", offset: 2, description: "Apatite calcinosis report", sopClass: SOPClass.enhancedSR,
        role: "enhanced report")
}

/// One report on its way into DICOM: what its objects share.
struct ReportContext {
    let source: ReportSource
    let findings: Findings
    /// The report in its language, and in the second one where there is one.
    let editions: [Edition]
    let names: DepositNames
    let facts: ReportFacts
    let identity: ResultIdentity

    /// The report in one language.
    struct Edition {
        var language: ReportLanguage
        var model: ReportModel
    }

    init(source: ReportSource, findings: Findings) {
        let source = source.withNames.sayingNoWrongSide(findings)
        self.source = source
        self.findings = findings
        let facts = ReportFacts(source: source)
        self.facts = facts
        editions = [source.language, source.secondLanguage].compactMap { $0 }.map { language in
            Edition(
                language: language, model: ReportModel(findings: findings, facts: facts.inLanguage(language)))
        }
        names = DepositNames(findings.deposits, former: findings.comparison?.former ?? [], in: facts.place)
        identity = ResultIdentity(source: source, findings: findings)
    }

    var place: Place { facts.place }

    /// In the report's own language.
    var model: ReportModel { editions[0].model }

    /// Tracking Unique Identifier of a deposit.
    func trackingUID(of deposit: Deposit) -> UID {
        // Of the parts of a split lesion the largest keeps the identity: two segments never share one.
        let first = deposit.identity.flatMap { identity in
            findings.deposits.filter { $0.identity == identity }.map(\.number).min()
        }
        let kept = first == deposit.number ? deposit.identity : nil
        return identity.trackingUID(names[deposit.number], identity: kept)
    }

    func sopInstanceUID(_ kind: SeriesKind) -> UID { identity.uid("\(kind.role) instance") }
    func seriesInstanceUID(_ kind: SeriesKind) -> UID { identity.uid("\(kind.role) series") }

    /// Patient, study, series, equipment and SOP common attributes of one object.
    func header(_ kind: SeriesKind) -> DataSet {
        ObjectHeader(source: source, identity: identity).dataSet(kind, suffix: model.seriesDescriptionSuffix)
    }

    /// Identifies the private scheme in an object that uses one of its codes.
    func identifyCodingScheme(in header: DataSet) {
        ObjectHeader(source: source, identity: identity).identifyCodingScheme(in: header)
    }
}

extension DataSet {
    /// How the pixels of an uncompressed image are stored: all bits of a sample are used.
    ///
    /// Reference: PS3.3 C.7.6.3.
    func setPixels(rows: Int, columns: Int, bits: Int, isSigned: Bool = false, isColour: Bool = false) {
        set(.lossyImageCompression, "00")
        set(.samplesPerPixel, integer: isColour ? 3 : 1)
        set(.photometricInterpretation, isColour ? "RGB" : "MONOCHROME2")
        if isColour { set(.planarConfiguration, integer: 0) }
        set(.rows, integer: rows)
        set(.columns, integer: columns)
        set(.bitsAllocated, integer: bits)
        set(.bitsStored, integer: bits)
        set(.highBit, integer: bits - 1)
        set(.pixelRepresentation, integer: isSigned ? 1 : 0)
    }
}

extension DataSet {
    /// Pixels that were once compressed with loss stay so, whatever is made of them.
    ///
    /// Reference: PS3.3 C.7.6.1.1.5.
    func copyLossyCompression(from header: DataSet) {
        guard header.string(.lossyImageCompression) == "01" else { return }
        copy([.lossyImageCompression, .lossyImageCompressionRatio, .lossyImageCompressionMethod], from: header)
    }
}

/// The attributes that every result has.
struct ObjectHeader {
    let source: ReportSource
    let identity: ResultIdentity

    /// Patient, study, series, equipment and SOP common attributes of one object.
    ///
    /// - Parameter suffix: what follows the Series Description, in English.
    func dataSet(_ kind: SeriesKind, suffix: String) -> DataSet {
        let header = DataSet()
        // Text of the source was converted when it was read; everything written here is UTF-8.
        header.set(.specificCharacterSet, "ISO_IR 192")
        CopiedAttributes.copy(from: source.header, to: header)
        header.set(.sopClassUID, kind.sopClass)
        header.set(.sopInstanceUID, identity.uid("\(kind.role) instance"))
        header.set(.instanceNumber, integer: 1)
        header.set(.modality, kind.modality)
        header.set(.seriesInstanceUID, identity.uid("\(kind.role) series"))
        header.set(.seriesNumber, integer: source.firstSeriesNumber + kind.offset)
        header.set(.seriesDescription, String((kind.description + suffix).prefix(64)))
        for tag in [Tag.seriesDate, .contentDate] { header.set(tag, source.closing.date) }
        for tag in [Tag.seriesTime, .contentTime] { header.set(tag, source.closing.time) }
        setEquipment(of: header)
        let contribution = header.appendItem(.contributingEquipmentSequence)
        contribution.append(Code.processingEquipment.concept, to: .purposeOfReferenceCodeSequence)
        setEquipment(of: contribution)
        contribution.set(.deviceUID, identity.deviceUID)
        return header
    }

    /// Identifies the private scheme in an object that uses one of its codes.
    ///
    /// Reference: PS3.3 C.12.1.1.7.
    func identifyCodingScheme(in header: DataSet) {
        let item = header.appendItem(.codingSchemeIdentificationSequence)
        item.set(.codingSchemeDesignator, PrivateCodingScheme.designator)
        item.set(.codingSchemeUID, PrivateCodingScheme.uid)
        item.set(.codingSchemeName, PrivateCodingScheme.name)
        item.set(.codingSchemeVersion, PrivateCodingScheme.version)
        item.set(.codingSchemeResponsibleOrganization, PrivateCodingScheme.responsibleOrganization)
    }

    private func setEquipment(of item: DataSet) {
        item.set(.manufacturer, "Apatite project")
        item.set(.manufacturerModelName, "Apatite")
        item.set(.deviceSerialNumber, source.installationSerial)
        item.set(.softwareVersions, source.algorithmVersion)
    }
}
