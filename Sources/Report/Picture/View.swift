import DualEnergyCT

/// How a box of voxels is turned onto the picture: which grid axis is looked along, and which point right and down.
///
/// The head (or the front, when looking along the body) is at the top; the patient's left is at the viewer's right, as
/// on a radiograph. A projection has two sides and is shown from the one that needs no mirror.
struct View {
    enum Axis { case column, row, slice }

    let horizontal: Axis
    let vertical: Axis
    let flipsHorizontally: Bool
    let flipsVertically: Bool
    let box: VoxelBox

    /// Looks along the axis in which the box is thinnest, in mm.
    ///
    /// - Parameter isUpsideDown: turned by half a turn in its plane: a hand that was scanned with the fingers to the feet.
    init(geometry: GridGeometry, box: VoxelBox, isUpsideDown: Bool = false) {
        self.box = box
        let extents: [(axis: Axis, mm: Double)] = [
            // Rows first: where two extents are equal the view from the front is the one to expect.
            (.row, Double(box.rows.count) * geometry.rowSpacingMm),
            (.column, Double(box.columns.count) * geometry.columnSpacingMm),
            (.slice, Double(box.slices.count) * geometry.sliceSpacingMm),
        ]
        let depth = extents.reduce(extents[0]) { $1.mm < $0.mm ? $1 : $0 }.axis
        let plane = extents.map(\.axis).filter { $0 != depth }
        let directions = plane.map { Self.direction($0, geometry) }
        // Up is the head; without a head in the plane it is the front.
        let height = directions.map { $0.z.magnitude }
        let front = directions.map { $0.y.magnitude }
        let upright = max(height[0], height[1]) > 0.5 ? height : front
        let v = upright[1] > upright[0] ? 1 : 0
        vertical = plane[v]
        horizontal = plane[1 - v]
        let down = directions[v]
        flipsVertically = (max(height[0], height[1]) > 0.5 ? down.z > 0 : down.y < 0) != isUpsideDown
        let across = directions[1 - v]
        flipsHorizontally =
            (across.x.magnitude >= across.y.magnitude ? across.x < 0 : across.y < 0) != isUpsideDown
    }

    var horizontalRange: Range<Int> { range(horizontal) }
    var verticalRange: Range<Int> { range(vertical) }

    func spacing(_ axis: Axis, _ geometry: GridGeometry) -> Double {
        switch axis {
        case .column: geometry.columnSpacingMm
        case .row: geometry.rowSpacingMm
        case .slice: geometry.sliceSpacingMm
        }
    }

    /// Index of the pixel onto which a voxel of the box falls.
    @inline(__always)
    func pixel(_ i: Int, _ j: Int, _ k: Int) -> Int {
        var x = coordinate(horizontal, i, j, k)
        var y = coordinate(vertical, i, j, k)
        if flipsHorizontally { x = horizontalRange.count - 1 - x }
        if flipsVertically { y = verticalRange.count - 1 - y }
        return y * horizontalRange.count + x
    }

    /// To the right and downwards in the picture, as unit vectors in the patient.
    func directions(_ geometry: GridGeometry) -> (right: PatientVector, down: PatientVector) {
        (
            (flipsHorizontally ? -1 : 1) * Self.direction(horizontal, geometry),
            (flipsVertically ? -1 : 1) * Self.direction(vertical, geometry)
        )
    }

    /// Letters at the low and at the high end of an axis as shown.
    func letters(_ axis: Axis, flipped: Bool, _ geometry: GridGeometry) -> (String, String) {
        let direction = Self.direction(axis, geometry)
        let forward = Self.letter(direction)
        let backward = Self.letter(-1 * direction)
        return flipped ? (forward, backward) : (backward, forward)
    }

    @inline(__always)
    private func coordinate(_ axis: Axis, _ i: Int, _ j: Int, _ k: Int) -> Int {
        switch axis {
        case .column: i - box.columns.lowerBound
        case .row: j - box.rows.lowerBound
        case .slice: k - box.slices.lowerBound
        }
    }

    private func range(_ axis: Axis) -> Range<Int> {
        switch axis {
        case .column: box.columns
        case .row: box.rows
        case .slice: box.slices
        }
    }

    private static func direction(_ axis: Axis, _ geometry: GridGeometry) -> PatientVector {
        switch axis {
        case .column: geometry.rowDirection
        case .row: geometry.columnDirection
        case .slice: geometry.sliceDirection
        }
    }

    /// Reference: PS3.3 C.7.6.1.1.1 (Patient Orientation).
    static func letter(_ direction: PatientVector) -> String {
        let (x, y, z) = (direction.x.magnitude, direction.y.magnitude, direction.z.magnitude)
        if z >= x, z >= y { return direction.z > 0 ? "H" : "F" }
        if x >= y { return direction.x > 0 ? "L" : "R" }
        return direction.y > 0 ? "P" : "A"
    }
}
