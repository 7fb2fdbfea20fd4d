extension BoneSurface {
    /// How far beyond a voxel another bone is looked for, in mm, and in which steps.
    private static let furthestMm: Float = 4.2
    private static let stepMm: Float = 0.6

    /// The surface of another bone that lies opposite the one nearest to a voxel, seen from there: across a joint.
    ///
    /// - Returns: one of its points and the voxel's height above it in mm; nil where none is that near.
    package func facing(_ voxel: Int, within mostHeightMm: Float) -> (point: Int, heightMm: Float)? {
        guard let nearest = pointIndex(nearestTo: voxel) else { return nil }
        let place = geometry.gridPosition(voxel)
        let away = place - points[nearest].position
        let distance = away.magnitude
        guard distance > 0 else { return nil }
        let direction = away / distance
        for step in 1...Int(Self.furthestMm / Self.stepMm) {
            let beyond = (place + Float(step) * Self.stepMm * direction) / geometry.spacingMm
            guard let n = geometry.nearestIndex(beyond) else { return nil }
            guard let other = pointIndex(nearestTo: n), points[other].bone != points[nearest].bone else { continue }
            let height = (place - points[other].position).magnitude - points[other].thickness
            return height < mostHeightMm ? (other, height) : nil
        }
        return nil
    }
}

extension GridGeometry {
    /// The voxel nearest to a place in voxels; nil outside of the grid.
    fileprivate func nearestIndex(_ place: SIMD3<Float>) -> Int? {
        let (i, j, k) = (Int(place.x.rounded()), Int(place.y.rounded()), Int(place.z.rounded()))
        guard i >= 0, j >= 0, k >= 0, i < columns, j < rows, k < slices else { return nil }
        return index(i, j, k)
    }
}
