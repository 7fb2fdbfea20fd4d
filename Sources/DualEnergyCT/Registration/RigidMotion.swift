/// A position in mm from the first voxel of a grid, along its columns, rows and slices.
package typealias GridPoint = SIMD3<Double>

/// A rotation and a shift: takes a place in one image to the place that shows the same in another.
package struct RigidMotion: Sendable {
    /// Rows of the rotation matrix.
    private var x = GridPoint(1, 0, 0)
    private var y = GridPoint(0, 1, 0)
    private var z = GridPoint(0, 0, 1)
    private var offset = GridPoint.zero

    package static let identity = RigidMotion()

    private init() {}

    package init(shift: GridPoint) { offset = shift }

    /// A rotation about a point by the length of `vector` in radians, about its direction.
    ///
    /// Rodrigues' formula.
    package init(rotation vector: GridPoint, about centre: GridPoint = .zero) {
        let angle = norm(vector)
        if angle > 1e-12 {
            let u = vector / angle
            let (s, c) = (sine(angle), cosine(angle))
            let d = 1 - c
            x = GridPoint(c + u.x * u.x * d, u.x * u.y * d - u.z * s, u.x * u.z * d + u.y * s)
            y = GridPoint(u.y * u.x * d + u.z * s, c + u.y * u.y * d, u.y * u.z * d - u.x * s)
            z = GridPoint(u.z * u.x * d - u.y * s, u.z * u.y * d + u.x * s, c + u.z * u.z * d)
        }
        offset = centre - rotated(centre)
    }

    /// From orthonormal rows and the image of the origin.
    package init(rows: (GridPoint, GridPoint, GridPoint), offset: GridPoint) {
        (x, y, z) = rows
        self.offset = offset
    }

    package func callAsFunction(_ p: GridPoint) -> GridPoint { rotated(p) + offset }

    package func rotated(_ v: GridPoint) -> GridPoint {
        GridPoint((x * v).sum(), (y * v).sum(), (z * v).sum())
    }

    /// This motion, then the other.
    package func then(_ other: RigidMotion) -> RigidMotion {
        var result = RigidMotion()
        let columns = (
            other.rotated(GridPoint(x.x, y.x, z.x)), other.rotated(GridPoint(x.y, y.y, z.y)),
            other.rotated(GridPoint(x.z, y.z, z.z))
        )
        result.x = GridPoint(columns.0.x, columns.1.x, columns.2.x)
        result.y = GridPoint(columns.0.y, columns.1.y, columns.2.y)
        result.z = GridPoint(columns.0.z, columns.1.z, columns.2.z)
        result.offset = other(offset)
        return result
    }

    package var inverse: RigidMotion {
        var result = RigidMotion()
        result.x = GridPoint(x.x, y.x, z.x)
        result.y = GridPoint(x.y, y.y, z.y)
        result.z = GridPoint(x.z, y.z, z.z)
        result.offset = -1 * result.rotated(offset)
        return result
    }
}

func norm(_ v: GridPoint) -> Double { (v * v).sum().squareRoot() }

func crossProduct(_ a: GridPoint, _ b: GridPoint) -> GridPoint {
    GridPoint(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

extension GridGeometry {
    /// Distances between voxels in mm along columns, rows and slices.
    package var spacing: GridPoint { GridPoint(columnSpacingMm, rowSpacingMm, sliceSpacingMm) }

    /// A patient position in mm along the grid's own axes.
    package func gridPoint(_ p: PatientVector) -> GridPoint {
        let d = p - origin
        return GridPoint(d.dot(rowDirection), d.dot(columnDirection), d.dot(sliceDirection))
    }

    package func patient(_ p: GridPoint) -> PatientVector {
        origin + p.x * rowDirection + p.y * columnDirection + p.z * sliceDirection
    }

    /// The centre of the voxel with this linear index.
    package func gridPoint(ofVoxel n: Int) -> GridPoint {
        GridPoint(Double(n % columns), Double(n / columns % rows), Double(n / (columns * rows))) * spacing
    }
}
