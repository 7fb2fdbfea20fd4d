/// The report as it is read, line by line: what the picture, the plain text and the SR's impression all say.
public struct ReportModel: Sendable, Equatable {
    public struct Table: Sendable, Equatable {
        /// Region, number of deposits, total volume and mass.
        public var heading: String
        public var columns: [String]
        /// Under the columns' titles; "" for what has none.
        public var units: [String]
        /// As many texts a row as there are columns; the largest deposits first.
        public var rows: [[String]]
        /// What was left out of the rows, the units, the marks.
        public var notes: [String]

        /// Whether a column holds words, which stand at its left, and no numbers.
        public func isText(column: Int) -> Bool {
            column == 0 || !rows.contains { $0[column].first?.isNumber ?? false }
        }
    }

    public struct Section: Sendable, Equatable {
        public var title: String
        public var lines: [String]
        /// Lines that a page without room for them leaves out.
        public var details: [String] = []

        /// With its details.
        public var allLines: [String] { lines + details }
    }

    public var title: String
    /// That no physician has verified the result.
    public var banner: String
    /// Date, beams, slice thickness, revision, closing signal.
    public var acquisition: String
    public var conclusionTitle: String
    /// Sentences, the most important first.
    public var conclusion: [String]
    /// Absent when there is no deposit to list.
    public var table: Table?
    public var sections: [Section]
    public var footer: [String]
    /// Whether the study is below a quality floor, so that nothing is claimed.
    public var isNotAnalysable: Bool
    /// What follows a Series Description, in English: the outcome and the revision.
    public var seriesDescriptionSuffix: String

    /// The conclusion as one paragraph with what a reader of the SR alone must know.
    public var impression: String
    /// What to do about a study that could not be analysed; nil otherwise.
    public var recommendation: String?
}

/// What the sentences need besides the findings.
package struct ReportFacts: Sendable {
    /// `2026-01-02 10:15`, or less where the header says less.
    package var examination: String
    /// `80`, `Sn150`: the beams as a radiologist names them.
    package var lowBeam: String
    package var highBeam: String
    /// `kV` or `keV`.
    package var beamUnit: String
    package var sliceThicknessMm: Double
    package var place: Place
    package var revision: Int
    package var signal: StudyClosing.Signal
    package var algorithmVersion: String
    package var configurationDigest: String
    package var language: ReportLanguage
    /// Number that a viewer shows for slice k of the grid.
    package var imageNumbers: [Int]
    /// `2025-01-08`; nil without a prior or its date.
    package var priorDate: String?
    /// What the report had said that this revision replaces.
    package var predecessor: PredecessorSummary?
    /// Of both energies, the lower one first.
    package var series: [PredecessorSummary.Series] = []
    /// Whether the contours are a reader's.
    package var isReviewed = false
    /// Whether they were reviewed for an earlier revision.
    package var isReviewKept = false
    package var unusedContours: UnusedContours?
    package var priorSearchFailure: PriorSearchFailure?

    package func imageNumber(ofSlice k: Int) -> Int {
        imageNumbers.indices.contains(k) ? imageNumbers[k] : k + 1
    }
}
