public import DualEnergyCT

extension HandPhantom {
    /// The deposits that the scan covers at least in part, integrated on a grid of 0.1 mm.
    public func truth(mode: SimulationMode, pair: SpectrumPair) -> PhantomTruth {
        var deposits = DepositIntegrator(object: anatomy, frame: frame).truth(of: anatomy.deposits)
        for at in deposits.indices { deposits[at].segment = segment(of: anatomy.deposits[deposits[at].number - 1]) }
        var truth = PhantomTruth(
            seed: seed, side: parameters.side.rawValue, pair: pair.description, mode: mode.rawValue, deposits: deposits)
        if !anatomy.erosions.isEmpty { truth.erosions = anatomy.erosions.map(erosion) }
        return truth
    }

    private func erosion(_ erosion: Erosion) -> PhantomTruth.Erosion {
        let centre = frame.patient(erosion.centre)
        return PhantomTruth.Erosion(
            digit: erosion.ray + 1, segment: erosion.segment, diameterMm: Double(2 * erosion.radiusMm),
            centreMm: [centre.x, centre.y, centre.z])
    }

    private func segment(of deposit: Deposit) -> Int? {
        guard let ray = deposit.ray else { return nil }
        let bones = [anatomy.skeleton.rays[ray].metacarpal] + anatomy.skeleton.rays[ray].phalanges
        let depths = bones.map { TaperedRod($0.base, $0.tip, 0, 0).depth(deposit.centre) }
        return depths.indices.max { depths[$0] < depths[$1] }
    }

    /// What fills the centre of each voxel: values of `TruthLabel`, 100 + number a deposit.
    public func truthLabels() -> Volume<UInt8> {
        TruthLabel.volume(of: anatomy, frame: frame) { TruthLabel.value(of: Tissue(rawValue: $0)) }
    }
}
