import Foundation
import Ledger
import Pipeline
import Testing

/// Seconds on a clock that the test turns by hand; an image at 0 unless said otherwise.
private let zero = Date(timeIntervalSince1970: 1_770_000_000)

private func at(_ seconds: Double) -> Date { zero.addingTimeInterval(seconds) }

private func facts(
    _ state: StudyState = .receiving, image: Double? = 0, new: Int = 1, open: Int = 0, closed: Double? = nil,
    twoPatients: Bool = false, reviews: Int = 0
) -> CompletionFacts {
    CompletionFacts(
        study: 1, state: state, stateSince: zero, firstReceivedAt: zero, lastImageAt: image.map(at), newImages: new,
        openAssociations: open, lastAssociationClosedAt: closed.map(at), hasTwoPatients: twoPatients,
        waitingReviews: reviews)
}

struct StudyCompletionTests {
    private let completion = StudyCompletion(quietSeconds: 100, giveUpSeconds: 1000)

    struct Line: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var facts: CompletionFacts
        var now: Double
        var action: StudyCompletion.Action
    }

    static let table: [Line] = [
        Line(testDescription: "an image starts the quiet time", facts: facts(), now: 0, action: .wait(until: at(100))),
        Line(testDescription: "not yet quiet", facts: facts(image: 50), now: 149.9, action: .wait(until: at(150))),
        Line(testDescription: "quiet", facts: facts(image: 50), now: 150, action: .close),
        Line(testDescription: "long quiet after a stop of the service", facts: facts(), now: 9999, action: .close),
        Line(
            testDescription: "an open association holds it, however long", facts: facts(open: 1), now: 9999,
            action: .nothing),
        Line(
            testDescription: "the quiet time runs from the end of the association", facts: facts(closed: 500), now: 599,
            action: .wait(until: at(600))),
        Line(testDescription: "quiet after the association's end", facts: facts(closed: 500), now: 600, action: .close),
        Line(
            testDescription: "an image after the association's end counts", facts: facts(image: 550, closed: 500),
            now: 600, action: .wait(until: at(650))),
        Line(
            testDescription: "two patients are never analysed", facts: facts(twoPatients: true), now: 100,
            action: .settle(.setAside, StudyCompletion.twoPatients)),
        Line(
            testDescription: "two patients: told when the sender is done", facts: facts(open: 1, twoPatients: true),
            now: 100, action: .nothing),
        Line(
            testDescription: "a dose report alone", facts: facts(image: nil, new: 0), now: 100,
            action: .settle(.leftAlone, StudyCompletion.nothingToAnalyse)),
        Line(
            testDescription: "a dose report alone, not yet quiet", facts: facts(image: nil, new: 0), now: 99,
            action: .wait(until: at(100))),
        Line(
            testDescription: "a clock set back a little: waits", facts: facts(image: 90), now: 0,
            action: .wait(until: at(190))),
        Line(
            testDescription: "a clock set back by years: a wrong date is not waited for", facts: facts(image: 1e8),
            now: 0, action: .close),
        Line(testDescription: "queued and nothing new", facts: facts(.queued, new: 0), now: 5000, action: .nothing),
        Line(testDescription: "queued and more came", facts: facts(.queued, new: 1), now: 110, action: .withdraw),
        Line(testDescription: "analysing and more came", facts: facts(.analysing, new: 1), now: 5000, action: .nothing),
        Line(
            testDescription: "broken: waits for the rest", facts: facts(.incomplete, new: 0), now: 500,
            action: .wait(until: at(1000))),
        Line(testDescription: "broken: the limit", facts: facts(.incomplete, new: 0), now: 1000, action: .giveUp),
        Line(
            testDescription: "broken, and a sender is at it again", facts: facts(.incomplete, new: 0, open: 1),
            now: 1500, action: .nothing),
        Line(
            testDescription: "broken, and the rest came", facts: facts(.incomplete, image: 700, new: 4), now: 800,
            action: .close),
        Line(
            testDescription: "broken, and the rest comes", facts: facts(.incomplete, image: 700, new: 4), now: 750,
            action: .wait(until: at(800))),
        Line(
            testDescription: "reported, and a segmentation came back", facts: facts(.reported, new: 0, reviews: 1),
            now: 5, action: .measureReview),
        Line(
            testDescription: "reported, and a segmentation came with a late image",
            facts: facts(.reported, image: 50, new: 1, reviews: 1), now: 60, action: .wait(until: at(150))),
        Line(
            testDescription: "a segmentation came during the analysis", facts: facts(.analysing, new: 0, reviews: 1),
            now: 5, action: .nothing),
        Line(
            testDescription: "a segmentation of a study that is not for us",
            facts: facts(.leftAlone, new: 0, reviews: 1), now: 5, action: .nothing),
    ]

    @Test(arguments: table) func eachStateAndTimeHasOneAction(line: Line) {
        #expect(completion.action(for: line.facts, at: at(line.now)) == line.action)
    }

    @Test(arguments: [StudyState.reported, .notAnalysable, .leftAlone, .setAside])
    func aSettledStudyIsOpenedByAnImageAndByNothingElse(state: StudyState) {
        #expect(completion.action(for: facts(state, new: 0, open: 1), at: at(5000)) == .nothing)
        #expect(completion.action(for: facts(state, new: 0, closed: 4000), at: at(5000)) == .nothing)
        #expect(completion.action(for: facts(state, image: 4950, new: 1), at: at(5000)) == .wait(until: at(5050)))
        #expect(completion.action(for: facts(state, image: 4950, new: 1), at: at(5050)) == .close)
    }
}
