import DualEnergyCT

/// Across, down and into the picture, as unit vectors in the patient.
struct RadiographAxes {
    let right: PatientVector
    let down: PatientVector
    let depth: PatientVector
    /// Whether depth runs from the back of the hand to the palm.
    let isPosteroAnterior: Bool

    /// Along the grid, or for a hand across its palm.
    ///
    /// A hand whose palm is known is seen as a radiograph of it hangs: from the tube, which is behind the back of the
    /// hand, with the fingers up. The thumb of a right hand then points to the viewer's left. Everything else is seen
    /// from the patient's front.
    ///
    /// - Parameter volar: unit vector out of the palm; nil where it is not known.
    init(_ labels: Volume<UInt16>, isHand: Bool, isUpsideDown: Bool, volar: PatientVector?) {
        let view = View(geometry: labels.geometry, box: labels.geometry.box, isUpsideDown: isUpsideDown)
        let (right, down) = view.directions(labels.geometry)
        let straight = right.cross(down)
        var depth = straight
        // A palm further from the grid's axis is no flat hand.
        if isHand, let normal = Self.thinnestDirection(of: labels), normal.dot(straight).magnitude > 0.7 {
            depth = normal.dot(straight) < 0 ? -1 * normal : normal
        }
        // A palm seen from its edge says nothing about front and back.
        let facing = isHand ? volar?.dot(depth) ?? 0 : 0
        isPosteroAnterior = facing.magnitude > 0.5
        if isPosteroAnterior, facing < 0 { depth = -1 * depth }
        let level = down - down.dot(depth) * depth
        self.depth = depth
        self.down = (1 / level.length) * level
        self.right = self.down.cross(depth)
    }

    /// Unit vector along which bone spreads least; nil without enough bone.
    private static func thinnestDirection(of labels: Volume<UInt16>) -> PatientVector? {
        let g = labels.geometry
        var count = 0.0
        var sum = PatientVector(0, 0, 0)
        var products = (xx: 0.0, yy: 0.0, zz: 0.0, xy: 0.0, xz: 0.0, yz: 0.0)
        for k in stride(from: 0, to: g.slices, by: 2) {
            for j in stride(from: 0, to: g.rows, by: 2) {
                for i in stride(from: 0, to: g.columns, by: 2)
                where labels.voxels[g.index(i, j, k)] == SegmentLabel.bone {
                    let p = g.position(Double(i), Double(j), Double(k)) - g.origin
                    count += 1
                    sum = sum + p
                    products.xx += p.x * p.x
                    products.yy += p.y * p.y
                    products.zz += p.z * p.z
                    products.xy += p.x * p.y
                    products.xz += p.x * p.z
                    products.yz += p.y * p.z
                }
            }
        }
        guard count > 500 else { return nil }
        let m = (1 / count) * sum
        let covariance = [
            [products.xx / count - m.x * m.x, products.xy / count - m.x * m.y, products.xz / count - m.x * m.z],
            [products.xy / count - m.x * m.y, products.yy / count - m.y * m.y, products.yz / count - m.y * m.z],
            [products.xz / count - m.x * m.z, products.yz / count - m.y * m.z, products.zz / count - m.z * m.z],
        ]
        return leastEigenvector(of: covariance)
    }

    /// By Jacobi's rotations, which for three rows converge in a few sweeps.
    private static func leastEigenvector(of matrix: [[Double]]) -> PatientVector {
        var a = matrix
        var v = [[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]
        for _ in 0..<12 {
            for (p, q) in [(0, 1), (0, 2), (1, 2)] where a[p][q].magnitude > 1e-12 {
                let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
                let t = (theta < 0 ? -1 : 1) / (theta.magnitude + (theta * theta + 1).squareRoot())
                let c = 1 / (t * t + 1).squareRoot()
                let s = t * c
                for k in 0..<3 { (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]) }
                for k in 0..<3 { (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]) }
                for k in 0..<3 { (v[k][p], v[k][q]) = (c * v[k][p] - s * v[k][q], s * v[k][p] + c * v[k][q]) }
            }
        }
        let least = [0, 1, 2].min { a[$0][$0] < a[$1][$1] } ?? 0
        return PatientVector(v[0][least], v[1][least], v[2][least])
    }
}
