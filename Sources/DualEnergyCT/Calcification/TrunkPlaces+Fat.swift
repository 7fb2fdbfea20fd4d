/// What calcium of the trunk belongs to outside of its cavity: nodes of the groin and the axilla, the cartilage of ribs.
extension TrunkPlaces {
    /// A node is as wide as this, in mm, smooth and not much longer than wide; thinner are the veins' stones.
    private static let nodeMm = 5.0...25
    private static let nodeElongation: Float = 2.2
    private static let nodeFilling = 0.75
    /// Nodes lie under the fascia or along the vessels, deeper than the skin's own fat, in mm.
    private static let nodeDepthMm = 10.0
    /// How far the bones around the groin and the axilla are, in mm.
    private static let nodeReachMm: Float = 100
    /// From one side of the body's middle to the other bones begin at this, in mm.
    private static let besideMiddleMm: Float = 10
    /// Calcified cartilage goes on from the end of its rib after a gap of no more than this, in mm.
    private static let cartilageGapMm: Float = 10
    /// A rib is no wider than this, and is looked at this far around its end, in mm.
    private static let ribMm: Float = 22
    private static let ribReachMm: Float = 20
    private static let lungReachMm: Float = 45

    private var isNode: Bool {
        Self.nodeMm.contains(shape.diameterMm) && shape.elongation < Self.nodeElongation
            && shape.filling > Self.nodeFilling && around.depthMm > Self.nodeDepthMm && around.fatFraction > 0.5
            && (around.distanceToBoneMm ?? .infinity) > 3
    }

    private func seesBone(_ direction: SIMD3<Float>) -> Bool {
        probe.boneDistance(from: centre, along: direction, reachMm: Self.nodeReachMm) != nil
    }

    /// The femoral vessels lie this far from the body's middle, in mm.
    private static let femoralMm: ClosedRange<Float> = 35...100

    /// In front of the hip joint and its muscles, with nothing but fat and skin before it: among the nodes along the
    /// femoral vessels.
    var isInGroin: Bool {
        guard isNode, seesBone(probe.toBack), let middle = midline else { return false }
        let aside = abs(centre.dot(probe.toLeft) - middle)
        return Self.femoralMm.contains(aside)
            && !probe.meetsWall(from: centre, along: -1 * probe.toBack, startMm: reachMm)
    }

    /// In the fat between the arm, the blade of the shoulder and the wall of the chest.
    var isInAxilla: Bool {
        guard isNode else { return false }
        return seesBone(probe.toBack) && seesBone(probe.toLeft) && seesBone(-1 * probe.toLeft)
            && around.depthMm > 1.5 * Self.nodeDepthMm
    }

    /// The hip bones of both sides stand on either hand, none of them nearer than the body's middle on the far side:
    /// in front of the sacrum and behind the pubis the cavity has no wall of muscle that a ray would meet.
    var isBetweenHips: Bool {
        guard around.depthMm > 25, let middle = midline else { return false }
        return [Float(1), -1].allSatisfy { side in
            var hits = 0
            for turn in [-8.0, 0, 8] {
                for tilt in [-15.0, 0, 15] {
                    let (t, u) = (turn * .pi / 180, tilt * .pi / 180)
                    let ray =
                        (side * probe.toLeft + Float(sine(t)) * probe.toBack + Float(sine(u)) * probe.toHead).direction
                    guard let way = probe.boneDistance(from: centre, along: ray, reachMm: 250) else { continue }
                    let end = (centre + way * ray).dot(probe.toLeft) - middle
                    if side * end > Self.besideMiddleMm { hits += 1 }
                }
            }
            // Before the hips and behind them only what is turned to them meets them: a third of the rays.
            return hits > 3
        }
    }

    /// Beside the end of a rib, with lung beneath. Cartilage turns to the breastbone: its own axis tells nothing.
    var isCostalCartilage: Bool {
        guard shape.elongation > 1.3, !around.restsOnBone else { return false }
        let isOnChest = [probe.toBack, -1 * probe.toBack, probe.toLeft, -1 * probe.toLeft].contains { direction in
            // The skin's blurred edge passes through lung's values within a millimetre or two.
            stride(from: Float(4), to: Self.lungReachMm, by: 2).contains { way in
                stride(from: Float(0), through: 8, by: 2).allSatisfy {
                    probe.isLung(at: centre + (way + $0) * direction)
                }
            }
        }
        guard isOnChest else { return false }
        return nearestBone.map(isEndOfRib) ?? false
    }

    /// Within the gap that cartilage leaves.
    private var nearestBone: SIMD3<Float>? {
        let step: Float = 1.5
        let outline = Swift.stride(from: 0, to: shape.positions.count, by: max(1, shape.positions.count / 40))
            .map { shape.positions[$0] }
        let reach = 0.5 * shape.axes.extents.x + Self.cartilageGapMm + 2
        let steps = stride(from: -reach, through: reach, by: step)
        var best: (place: SIMD3<Float>, mm: Float)?
        for x in steps {
            for y in steps {
                for z in steps {
                    let place = centre + SIMD3(x, y, z)
                    guard probe.place(at: place) == .bone else { continue }
                    let mm = outline.reduce(Float.infinity) { min($0, ($1 - place).magnitude) }
                    if mm < best?.mm ?? Self.cartilageGapMm { best = (place, mm) }
                }
            }
        }
        return best?.place
    }

    /// Whether slender bone ends near a place on its surface.
    private func isEndOfRib(_ place: SIMD3<Float>) -> Bool {
        let steps = stride(from: -Self.ribReachMm, through: Self.ribReachMm, by: 1.5)
        let bone = steps.flatMap { x in
            steps.flatMap { y in
                steps.compactMap { z -> SIMD3<Float>? in
                    let off = SIMD3(x, y, z)
                    guard off.magnitude <= Self.ribReachMm, probe.place(at: place + off) == .bone else { return nil }
                    return off
                }
            }
        }
        guard bone.count > 20 else { return false }
        let axes = PrincipalAxes(bone)
        return axes.extents.y < Self.ribMm && axes.extents.x > 1.2 * axes.extents.y
            && abs(axes.centre.dot(axes.axis)) > 0.25 * Self.ribReachMm
    }
}
