/// Something that can be scanned: planes of tissue labels, and what each label is made of.
protocol PaintedObject: Sendable {
    /// The box of all that is not air, in the object's coordinates, between two heights.
    func box(z: ClosedRange<Float>) -> Box
    /// Writes the label of each point of a plane.
    func paint(_ grid: PlaneGrid, into labels: UnsafeMutableBufferPointer<UInt8>)
    /// What each label in use is made of; label 0 is air.
    var mixtures: [(label: UInt8, mixture: Mixture)] { get }
}

extension HandAnatomy: PaintedObject {
    var mixtures: [(label: UInt8, mixture: Mixture)] {
        Tissue.mixtures(corticalShare: corticalShare)
            + deposits.enumerated().map { (Tissue.deposit($0.offset).rawValue, $0.element.mixture) }
    }
}

extension Tissue {
    /// What body tissues are made of.
    static func mixtures(corticalShare: Double) -> [(label: UInt8, mixture: Mixture)] {
        let porosity = 1 - corticalShare
        let marrow: [(material: Material, share: Double)] = [(.yellowMarrow, 0.85), (.redMarrow, 0.15)]
        var result: [(label: UInt8, mixture: Mixture)] = [
            (Tissue.air.rawValue, Mixture(.air)), (Tissue.skin.rawValue, Mixture(.skin)),
            (Tissue.fat.rawValue, Mixture([(.adipose, 0.94), (.muscle, 0.06)])),
            (Tissue.muscle.rawValue, Mixture([(.muscle, 0.95), (.adipose, 0.05)])),
            (Tissue.tendon.rawValue, Mixture(.tendon)), (Tissue.cartilage.rawValue, Mixture(.cartilage)),
            (Tissue.nail.rawValue, Mixture(.keratin)),
            (Tissue.cortex.rawValue, Mixture([(.cortical, corticalShare), (.muscle, porosity)])),
        ]
        for level in 0..<Tissue.spongiosaLevels {
            let share = Double(Spongiosa.share(level: level))
            result.append(
                (
                    Tissue.spongiosa(level: level).rawValue,
                    Mixture([(.cortical, share)] + marrow.map { ($0.material, $0.share * (1 - share)) })
                ))
        }
        return result
    }
}
