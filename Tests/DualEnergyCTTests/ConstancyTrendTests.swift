import DualEnergyCT
import Testing

@Suite struct ConstancyTrendTests {
    private static func points(_ changes: [Double], uncertainty: Double = 0.002) -> [ConstancyTrend.Point] {
        changes.enumerated().map {
            ConstancyTrend.Point(day: 30 * Double($0.offset + 1), change: $0.element, uncertainty: uncertainty)
        }
    }

    @Test(arguments: [
        [], [0.001], [0.004, -0.003, 0.002, 0.001, -0.004], [0.012, 0.011, 0.012, 0.011, 0.012],
        [0.001, 0.025, -0.001],
    ])
    func aSlopeThatStaysIsConstant(changes: [Double]) {
        #expect(ConstancyTrend(limit: 0.02).verdict(Self.points(changes)) == .constant)
    }

    @Test func aSlopeBeyondTheLimitHasDrifted() {
        #expect(ConstancyTrend(limit: 0.02).verdict(Self.points([0, 0.001, -0.025])) == .drifted)
        // Not by a measurement that cannot tell.
        #expect(ConstancyTrend(limit: 0.02).verdict(Self.points([0, -0.025], uncertainty: 0.02)) == .constant)
    }

    @Test func aSlopeOnItsWayIsReportedBeforeItGetsThere() throws {
        let verdict = ConstancyTrend(limit: 0.02).verdict(Self.points([-0.003, 0, 0.003, 0.006, 0.009, 0.012]))
        guard case .drifting(let days) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(abs(days - 80) < 5, "3 per mille a month, 8 to go")
        // As steep by four checks, whose noise explains it.
        #expect(ConstancyTrend(limit: 0.02).verdict(Self.points([0.003, 0.006, 0.009, 0.012])) == .constant)
        // The way back to zero is no drift.
        #expect(ConstancyTrend(limit: 0.02).verdict(Self.points([0.018, 0.012, 0.006, 0.001])) == .constant)
    }
}
