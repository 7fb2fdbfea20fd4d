/// An obstacle in words, without patient data: what is the matter, and what a reader can do.
public func contourObstacleText(
    _ obstacle: ContourObstacle, language: ReportLanguage
) -> (message: String, remedy: String) {
    let say = Phrases(language: language)
    return (say.message(obstacle), say.remedy(obstacle))
}

extension Phrases {
    /// Without a full stop.
    func message(_ obstacle: ContourObstacle) -> String {
        switch obstacle {
        case .unreadable: self("the object cannot be read", "l'objet est illisible")
        case .tooLarge: self("the segmentation is too large", "la segmentation est trop volumineuse")
        case .otherClass:
            self("the object is no Segmentation Storage instance", "l'objet n'est pas une segmentation DICOM (SEG)")
        case .fractional: self("the segmentation is not binary", "la segmentation n'est pas binaire")
        case .otherStudy: self("the segmentation is of another study", "la segmentation est d'un autre examen")
        case .otherPatient:
            self("the segmentation names another patient", "la segmentation nomme un autre patient")
        case .otherFrame:
            self(
                "the segmentation has another frame of reference than the images",
                "la segmentation a un autre repère spatial que les images")
        case .otherImages:
            self(
                "the segmentation refers to images that were not analysed",
                "la segmentation se rapporte à des images qui n'ont pas été analysées")
        case .withoutDeposit:
            self(
                "no segment has the type of a deposit (SCT 18115005 calcification)",
                "aucun segment n'a le type d'un dépôt (SCT 18115005, calcification)")
        case .overlap: self("two segments overlap", "deux segments se recouvrent")
        case .otherGrid:
            self(
                "frames do not lie on the voxels of the images",
                "les coupes ne correspondent pas aux voxels des images")
        case .notAnalysable:
            self(
                "the images are not analysable, so that nothing can be measured on them",
                "les images ne sont pas analysables, rien ne peut y être mesuré")
        }
    }

    /// A sentence.
    func remedy(_ obstacle: ContourObstacle) -> String {
        switch obstacle {
        case .unreadable:
            self(
                "Send it again from the editor; if it comes the same, export it anew, uncompressed.",
                "Renvoyer depuis l'éditeur ; si rien ne change, exporter à nouveau, sans compression.")
        case .tooLarge:
            self(
                "Export only the deposits, without empty frames.",
                "N'exporter que les dépôts, sans coupes vides.")
        case .otherClass:
            self(
                "Export a DICOM segmentation (SEG), neither a label map nor contours of a radiotherapy set.",
                "Exporter une segmentation DICOM (SEG), ni carte d'étiquettes ni contours de radiothérapie.")
        case .fractional:
            self("Export it with Segmentation Type BINARY.", "Exporter avec Segmentation Type BINARY.")
        case .otherPatient:
            self(
                "Compare the identity in the editor with that of the images.",
                "Comparer l'identité dans l'éditeur avec celle des images.")
        case .otherStudy, .otherFrame, .otherImages, .otherGrid:
            self(
                "Draw on the images that Apatite analysed: those its own segmentation refers to.",
                "Dessiner sur les images analysées par Apatite : celles de sa propre segmentation.")
        case .withoutDeposit:
            self(
                "Code the deposits as in Apatite's segmentation; to report that there is none keep one of its deposits "
                    + "without voxels.",
                "Coder les dépôts comme dans la segmentation d'Apatite ; pour n'en rapporter aucun, garder un de ses "
                    + "dépôts sans voxel.")
        case .overlap:
            self(
                "Give each voxel to one deposit and send the segmentation again.",
                "Attribuer chaque voxel à un seul dépôt et renvoyer la segmentation.")
        case .notAnalysable:
            self(
                "See the report for the reasons.", "Voir les motifs dans le compte rendu.")
        }
    }
}
