package import DICOM
import DualEnergyCT
import Report

extension FindingsDocument {
    /// What a later examination is compared with, read back from a structured report of ours: `findings.json` does not go to
    /// an archive and so does not come back from one. Of the acquisition it holds part and side of the body, of a deposit
    /// its segment's number, material, volume and mass to the printed precision; every other number is 0 or absent.
    ///
    /// - Returns: nil for any other document, and for a report without findings.
    package init?(ofReport report: DataSet) {
        guard let place = Report.Place(ofReport: report) else { return nil }
        self.init(status: .reported, reasons: [], studyInstanceUID: report.string(.studyInstanceUID))
        let nothing = Energy(seriesInstanceUID: "")
        algorithmVersion = report.string(.softwareVersions) ?? ""
        acquisition = Acquisition(
            region: place.region.rawValue, laterality: place.laterality.rawValue, kernel: "", contrastAgent: "",
            low: nothing, high: nothing, columns: 0, rows: 0, slices: 0, columnSpacingMm: 0, rowSpacingMm: 0,
            sliceSpacingMm: 0, sliceThicknessMm: 0)
        deposits = ReportedDeposit.all(in: report).map {
            Deposit(
                number: $0.segment, material: $0.material.rawValue, volumeMm3: Interval($0.volumeMm3),
                hydroxyapatiteMassMg: Interval($0.hydroxyapatiteMassMg), centreSlice: 0, voxelCount: 0)
        }
    }
}

extension FindingsDocument.Interval {
    fileprivate init?(_ estimate: Estimate?) {
        guard let estimate else { return nil }
        self.init(value: estimate.value, low: estimate.low, high: estimate.high)
    }
}
