/// A later examination of the same hand: held otherwise, with new noise, and with deposits that changed.
public struct HandVisit: Sendable, Equatable {
    /// 1 is the first examination.
    public var number: Int
    public var pose: HandPose
    /// Factor of volume by the number of the deposit; 0 for one that is gone.
    public var growth: [Int: Double]
    /// Deposits that the first examination did not have.
    public var newDeposits: Int

    public init(
        number: Int = 1, pose: HandPose = HandPose(), growth: [Int: Double] = [:], newDeposits: Int = 0
    ) {
        self.number = number
        self.pose = pose
        self.growth = growth
        self.newDeposits = newDeposits
    }
}

extension HandAnatomy {
    /// The same hand at a later examination. Deposits keep their numbers; new ones come last.
    func revisited(_ visit: HandVisit, seed: UInt64) -> HandAnatomy {
        var result = self
        for (number, factor) in visit.growth where deposits.indices.contains(number - 1) {
            result.deposits[number - 1].half *= Float(cubeRoot(max(0, factor)))
            if factor <= 0 { result.deposits[number - 1].isGone = true }
        }
        if visit.newDeposits > 0 {
            // Clear of the old ones, of those that are gone too.
            var placer = DepositPlacer(
                skeleton: skeleton, soft: soft, scale: scale, generator: SeededGenerator(seed: seed, stream: 3),
                besides: deposits)
            placer.placeCalcinosis(count: visit.newDeposits)
            result.deposits += placer.deposits.dropFirst(deposits.count)
        }
        return result.posed(visit.pose)
    }
}
