public import DualEnergyCT

/// What a site's rules choose a study by.
public struct Examination: Sendable, Equatable {
    public var region: BodyRegion
    /// Protocol, series and study description.
    public var descriptions: [String]
    /// Code Values of the procedure as requested and as performed.
    public var procedureCodes: [String]

    public init(region: BodyRegion, descriptions: [String], procedureCodes: [String]) {
        self.region = region
        self.descriptions = descriptions
        self.procedureCodes = procedureCodes
    }

    init(_ header: ImageHeader) {
        self.init(
            region: BodyRegion(of: header),
            descriptions: [header.protocolName, header.seriesDescription, header.studyDescription],
            procedureCodes: header.procedureCodes)
    }
}
