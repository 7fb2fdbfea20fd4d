import Report
import StudyAssembly

/// Whose contours an analysis measures on, and which it should and cannot.
struct ContourChoice {
    /// Nil for our own.
    private(set) var reviewed: ReviewedSegmentation?
    /// Why what a reader sent is not measured.
    private(set) var refusal: ContourRefusal?
    /// For the report.
    private(set) var unused: UnusedContours?

    /// What a reader sent goes before what an earlier report rested on, and that before our own.
    ///
    /// - Throws: `ContourRefusal` where nothing else is to be measured: a person named the file, or it is our own.
    init(for job: AnalysisJob, _ acquisition: DualEnergyAcquisition) throws(ContourRefusal) {
        if let path = job.contours {
            do throws(ContourRefusal) {
                reviewed = try ReviewedSegmentation.read(path, for: job, acquisition)
                return
            } catch {
                try refuse(error, in: job)
            }
        }
        guard let path = job.keptContours else { return }
        do throws(ContourRefusal) {
            reviewed = try ReviewedSegmentation(path: path, for: acquisition)
            reviewed?.review.isKept = true
        } catch {
            // What just came and is refused matters more to who sent it.
            if unused == nil { unused = error.obstacle.map { UnusedContours(.kept, $0) } }
        }
    }

    /// The images turned out to be not analysable.
    mutating func giveUp(in job: AnalysisJob) throws(ContourRefusal) {
        guard let given = reviewed else { return }
        reviewed = nil
        if given.review.isKept {
            if unused == nil { unused = UnusedContours(.kept, .notAnalysable) }
        } else {
            try refuse(.notAnalysable, in: job)
        }
    }

    /// A reader waits at the other end of the network for what was sent: there only a report can say why not.
    private mutating func refuse(_ error: ContourRefusal, in job: AnalysisJob) throws(ContourRefusal) {
        guard job.closingSignal == .reviewedContours, let obstacle = error.obstacle else { throw error }
        refusal = error
        unused = UnusedContours(.sent, obstacle)
    }
}
