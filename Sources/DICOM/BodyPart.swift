/// Terms of Body Part Examined (0018,0015).
public enum BodyPart {
    /// Whether a term names a part that a body has once: an image of it has no side, and Laterality (0020,0060) must not be
    /// there.
    ///
    /// Reference: PS3.16 Annex L; PS3.3 C.7.3.1
    public static func isUnpaired(_ term: String) -> Bool { unpaired.contains(term.uppercased()) }

    private static let unpaired: Set<String> = [
        "ABDOMEN", "ABDOMENPELVIS", "AORTA", "BACK", "BLADDER", "BRAIN", "CHEST", "CHESTABDOMEN", "CHESTABDPELVIS",
        "COCCYX", "CSPINE", "CTSPINE", "HEAD", "HEADNECK", "HEART", "JAW", "LARYNX", "LIVER", "LSPINE", "LSSPINE",
        "MEDIASTINUM", "NECK", "PANCREAS", "PELVIS", "PROSTATE", "SKULL", "SPINE", "SPLEEN", "SSPINE", "STERNUM",
        "TLSPINE", "TSPINE", "UTERUS", "WHOLEBODY",
    ]
}
