/// The form of a deposit from its voxels.
enum DepositForm {
    /// Below this many voxels a form cannot be told.
    static let fewestVoxels = 12
    /// A sheet is thinner than this share of its width, and at least this wide in mm.
    static let plateShare: Float = 0.35
    static let plateWidthMm: Float = 4
    /// A mesh fills less than this share of the ellipsoid around it, from this volume in mm3.
    static let netFilling = 0.4
    static let netMm3 = 40.0
    /// A cloud is fainter than this in mg/cm3, from this volume in mm3.
    static let mousseMgPerCm3 = 150.0
    static let mousseMm3 = 25.0

    static func morphology(
        of shape: PrincipalAxes, voxelCount: Int, volumeMm3: Double, meanMgPerCm3: Double
    ) -> Morphology {
        guard voxelCount >= fewestVoxels else { return .undetermined }
        let extents = shape.extents
        if extents.y > plateWidthMm, extents.z < plateShare * extents.y { return .plate }
        // Four standard deviations are 0.894 of an ellipsoid's diameter.
        let ellipsoid = Double.pi / 6 * Double(extents.x * extents.y * extents.z) / (0.894 * 0.894 * 0.894)
        if volumeMm3 > netMm3, volumeMm3 < netFilling * ellipsoid { return .net }
        if volumeMm3 > mousseMm3, meanMgPerCm3 < mousseMgPerCm3 { return .mousse }
        return .stone
    }
}
