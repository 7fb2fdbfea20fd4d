/// A limb or trunk as shapes: any plane of it can be asked what it is made of.
struct RegionAnatomy: Sendable {
    let soft: SoftTissue
    let bones: [Bone]
    let arteries: [Artery]
    let concretions: [Concretion]
    let screws: [TaperedRod]
    /// Heights that a scan covers.
    let field: ClosedRange<Float>
    let hasPadding: Bool
    let corticalShare: Double
    private(set) var deposits: [Deposit] = []
    /// Thickness of the gel pad below, in mm.
    private let padMm: Float = 6
    /// The lowest point of the skin.
    private let underside: Float

    init(_ parameters: RegionParameters, seed: UInt64) {
        var maker = RegionMaker(parameters, seed: seed)
        corticalShare = (parameters.demineralised ? 0.78 : 0.94) + Double(maker.generator.uniform(-0.03...0.03))
        switch parameters.region {
        case .wrist: maker.makeWrist(parameters)
        case .elbow: maker.makeElbow(parameters)
        case .shoulder: maker.makeShoulder(parameters)
        case .foot: maker.makeFoot(parameters)
        case .knee: maker.makeKnee(parameters)
        case .pelvis: maker.makePelvis(parameters)
        }
        soft = SoftTissue(
            envelope: maker.envelope, strands: maker.strands, skinMm: parameters.region == .foot ? 1.8 : 1.5,
            using: &maker.generator)
        bones = maker.bones
        arteries = maker.arteries
        screws = maker.screws
        field = maker.field
        hasPadding = parameters.hasPadding
        let soft = soft
        concretions = parameters.hasOtherCalcification ? maker.concretions.compactMap { $0.seated(in: soft) } : []
        let height = maker.field
        underside =
            soft.envelope.filter { max($0.a.z, $0.b.z) > height.lowerBound && min($0.a.z, $0.b.z) < height.upperBound }
            .map { max($0.a.y + $0.radiusA, $0.b.y + $0.radiusB) }.max() ?? 0
        var placer = RegionDepositPlacer(
            space: DepositSpace(bones: bones, soft: soft), field: field, mix: parameters.mix,
            generator: SeededGenerator(seed: seed, stream: 12), besides: concretions.map(\.lump))
        placer.place(count: parameters.depositCount, urate: parameters.hasUrate ? 2 : 0)
        deposits = placer.deposits
    }

    private func isPad(_ p: Point) -> Bool {
        p.y > underside - 8 && p.y < underside - 8 + padMm
    }
}

extension RegionAnatomy: PaintedObject {
    func box(z: ClosedRange<Float>) -> Box {
        var result = Box.around(soft.envelope, z: z)
        if hasPadding { result.high.y = max(result.high.y, underside + padMm) }
        return result
    }

    func paint(_ grid: PlaneGrid, into labels: UnsafeMutableBufferPointer<UInt8>) {
        guard soft.paint(grid, into: labels) else { return }
        for (number, artery) in arteries.enumerated() {
            artery.paint(grid, label: Tissue.other(number).rawValue, into: labels)
        }
        bones.paint(grid, into: labels)
        for (number, concretion) in concretions.enumerated() {
            concretion.paint(grid, label: Tissue.other(arteries.count + number).rawValue, into: labels)
        }
        paintScrews(grid, labels)
        deposits.paint(grid, into: labels)
        guard hasPadding else { return }
        for j in 0..<grid.ny where isPad(grid.point(0, j)) {
            for i in 0..<grid.nx where labels[j * grid.nx + i] == Tissue.air.rawValue {
                labels[j * grid.nx + i] = Tissue.padding.rawValue
            }
        }
    }

    private func paintScrews(_ grid: PlaneGrid, _ labels: UnsafeMutableBufferPointer<UInt8>) {
        for screw in screws {
            guard let box = Box.slab(screw.a, screw.b, radius: screw.largestRadius, z: grid.z) else { continue }
            let (columns, rows) = grid.ranges(box)
            for j in rows {
                for i in columns where screw.depth(grid.point(i, j)) > 0 {
                    labels[j * grid.nx + i] = Tissue.metal.rawValue
                }
            }
        }
    }

    var mixtures: [(label: UInt8, mixture: Mixture)] {
        var result = Tissue.mixtures(corticalShare: corticalShare)
        result += [
            (Tissue.fluid.rawValue, Mixture([(.muscle, 0.75), (.water, 0.25)])),
            (Tissue.lung.rawValue, Mixture([(.muscle, 0.26), (.air, 0.74)])),
            // Titanium, 4.5 g/cm3: at 60 to 100 keV it attenuates as 2.3 to 2.6 times solid apatite (NIST XCOM).
            (Tissue.metal.rawValue, Mixture([(.hydroxyapatite, 2.4)])),
            (Tissue.padding.rawValue, Mixture([(.acrylic, 0.5), (.polyethylene, 0.5)])),
            (Tissue.contrast.rawValue, Mixture([(.water, 0.98), (.iodine, 0.0012)])),
        ]
        for (number, artery) in arteries.enumerated() { result.append((Tissue.other(number).rawValue, artery.mixture)) }
        for (number, concretion) in concretions.enumerated() {
            result.append((Tissue.other(arteries.count + number).rawValue, concretion.lump.mixture))
        }
        for (number, deposit) in deposits.enumerated() {
            result.append((Tissue.deposit(number).rawValue, deposit.mixture))
        }
        return result
    }
}
