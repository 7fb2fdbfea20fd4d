/// A point or a direction in the patient coordinate system, in millimetres: x to the patient's left, y to the
/// posterior, z to the head.
///
/// Reference: PS3.3 C.7.6.2.1.1.
public struct PatientVector: Sendable, Equatable, Hashable {
    public var x: Double
    public var y: Double
    public var z: Double

    public init(_ x: Double, _ y: Double, _ z: Double) {
        self.x = x
        self.y = y
        self.z = z
    }

    public static func + (a: Self, b: Self) -> Self { Self(a.x + b.x, a.y + b.y, a.z + b.z) }
    public static func - (a: Self, b: Self) -> Self { Self(a.x - b.x, a.y - b.y, a.z - b.z) }
    public static func * (s: Double, a: Self) -> Self { Self(s * a.x, s * a.y, s * a.z) }

    public func dot(_ b: Self) -> Double { x * b.x + y * b.y + z * b.z }
    public func cross(_ b: Self) -> Self { Self(y * b.z - z * b.y, z * b.x - x * b.z, x * b.y - y * b.x) }
    public var length: Double { dot(self).squareRoot() }
}

/// Where the voxels of a volume lie in the patient.
///
/// Voxel (i, j, k) is column i of row j of slice k; its centre is
/// `origin + i * spacing.column * rowDirection + j * spacing.row * columnDirection + k * spacing.slice * sliceDirection`.
/// `sliceDirection` is the cross product of the other two, so the frame is right-handed and slices are sorted along it.
public struct GridGeometry: Sendable, Equatable {
    /// Number of columns, of rows and of slices.
    public var columns: Int
    public var rows: Int
    public var slices: Int
    /// Distance between neighbouring columns, in mm (the second value of Pixel Spacing).
    public var columnSpacingMm: Double
    /// Distance between neighbouring rows, in mm (the first value of Pixel Spacing).
    public var rowSpacingMm: Double
    /// Distance between neighbouring slice centres, in mm: not the slice thickness.
    public var sliceSpacingMm: Double
    /// Centre of voxel (0, 0, 0).
    public var origin: PatientVector
    /// Unit vector along increasing column index.
    public var rowDirection: PatientVector
    /// Unit vector along increasing row index.
    public var columnDirection: PatientVector

    public init(
        columns: Int, rows: Int, slices: Int, columnSpacingMm: Double, rowSpacingMm: Double, sliceSpacingMm: Double,
        origin: PatientVector = PatientVector(0, 0, 0), rowDirection: PatientVector = PatientVector(1, 0, 0),
        columnDirection: PatientVector = PatientVector(0, 1, 0)
    ) {
        self.columns = columns
        self.rows = rows
        self.slices = slices
        self.columnSpacingMm = columnSpacingMm
        self.rowSpacingMm = rowSpacingMm
        self.sliceSpacingMm = sliceSpacingMm
        self.origin = origin
        self.rowDirection = rowDirection
        self.columnDirection = columnDirection
    }

    /// Unit vector along increasing slice index.
    public var sliceDirection: PatientVector { rowDirection.cross(columnDirection) }
    public var voxelCount: Int { columns * rows * slices }
    public var voxelVolumeMm3: Double { columnSpacingMm * rowSpacingMm * sliceSpacingMm }

    public func index(_ i: Int, _ j: Int, _ k: Int) -> Int { (k * rows + j) * columns + i }

    /// Centre of a voxel, fractional indices allowed, in mm.
    public func position(_ i: Double, _ j: Double, _ k: Double) -> PatientVector {
        origin + (i * columnSpacingMm) * rowDirection + (j * rowSpacingMm) * columnDirection
            + (k * sliceSpacingMm) * sliceDirection
    }

    /// Calls `body` with each voxel inside of the grid that shares a face with one, and the axis across that face: 0 along
    /// columns' indices, 1 along rows', 2 along slices'.
    @inline(__always)
    package func forEachFaceNeighbour(of n: Int, _ body: (_ neighbour: Int, _ axis: Int) -> Void) {
        let (i, j, k) = (n % columns, n / columns % rows, n / (columns * rows))
        if i > 0 { body(n - 1, 0) }
        if i + 1 < columns { body(n + 1, 0) }
        if j > 0 { body(n - columns, 1) }
        if j + 1 < rows { body(n + columns, 1) }
        if k > 0 { body(n - columns * rows, 2) }
        if k + 1 < slices { body(n + columns * rows, 2) }
    }

    /// Calls `body` for each face between some voxels and the grid's others: with the voxel outside and the area in mm2.
    @inline(__always)
    package func forEachOutsideFace(of voxels: [Int], _ body: (_ outside: Int, _ areaMm2: Double) -> Void) {
        let own = Set(voxels)
        let areas = SIMD3(
            rowSpacingMm * sliceSpacingMm, columnSpacingMm * sliceSpacingMm, columnSpacingMm * rowSpacingMm)
        for n in voxels { forEachFaceNeighbour(of: n) { if !own.contains($0) { body($0, areas[$1]) } } }
    }

    /// All of its voxels.
    public var box: VoxelBox { VoxelBox(columns: 0..<columns, rows: 0..<rows, slices: 0..<slices) }

    /// The same geometry cut to a box of voxels.
    public func cropped(to box: VoxelBox) -> GridGeometry {
        var result = self
        result.columns = box.columns.count
        result.rows = box.rows.count
        result.slices = box.slices.count
        result.origin = position(
            Double(box.columns.lowerBound), Double(box.rows.lowerBound), Double(box.slices.lowerBound))
        return result
    }
}

/// A box of voxels: half-open index ranges.
public struct VoxelBox: Sendable, Equatable {
    public var columns: Range<Int>
    public var rows: Range<Int>
    public var slices: Range<Int>

    public init(columns: Range<Int>, rows: Range<Int>, slices: Range<Int>) {
        self.columns = columns
        self.rows = rows
        self.slices = slices
    }
}
