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
        for (number, deposit) in deposits.enumerated() {
            result.append((Tissue.deposit(number).rawValue, deposit.mixture))
        }
        return result
    }
}

/// An upright cylinder of one material with upright rods in it, for checks of the forward model.
struct RodCylinder: PaintedObject {
    struct Rod: Sendable {
        var x: Float
        var y: Float
        var radius: Float
        var mixture: Mixture
    }

    var radius: Float
    var body: Mixture
    var rods: [Rod]

    func box(z: ClosedRange<Float>) -> Box {
        Box(Point(-radius, -radius, z.lowerBound), Point(radius, radius, z.upperBound), margin: 2)
    }

    func paint(_ grid: PlaneGrid, into labels: UnsafeMutableBufferPointer<UInt8>) {
        for j in 0..<grid.ny {
            for i in 0..<grid.nx {
                let p = grid.point(i, j)
                var label: UInt8 = p.x * p.x + p.y * p.y < radius * radius ? 1 : 0
                for (number, rod) in rods.enumerated() {
                    let (dx, dy) = (p.x - rod.x, p.y - rod.y)
                    if dx * dx + dy * dy < rod.radius * rod.radius { label = UInt8(2 + number) }
                }
                labels[j * grid.nx + i] = label
            }
        }
    }

    var mixtures: [(label: UInt8, mixture: Mixture)] {
        [(0, Mixture(.air)), (1, body)] + rods.enumerated().map { (UInt8(2 + $0.offset), $0.element.mixture) }
    }
}
