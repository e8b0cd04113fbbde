//! Object identifiers of X.411, MTSObjectIdentifiers.

crate::oids::oids! { "MTSObjectIdentifiers";
    /// The MTS:
    "id-ot-mts" ID_OT_MTS = 2 6 3 1 0;
    /// A user of the MTS:
    "id-ot-mts-user" ID_OT_MTS_USER = 2 6 3 1 1;
    /// The submission port:
    "id-pt-submission" ID_PT_SUBMISSION = 2 6 3 2 0;
    /// The delivery port:
    "id-pt-delivery" ID_PT_DELIVERY = 2 6 3 2 1;
    /// The administration port:
    "id-pt-administration" ID_PT_ADMINISTRATION = 2 6 3 2 2;
    /// A content that nobody says what it is:
    "id-cont-unidentified" ID_CONT_UNIDENTIFIED = 2 6 3 3 0;
    /// A message in an envelope, as content of another:
    "id-cont-inner-envelope" ID_CONT_INNER_ENVELOPE = 2 6 3 3 1;
    /// Unknown information:
    "id-eit-unknown" ID_EIT_UNKNOWN = 2 6 3 4 0;
    /// IA5 text:
    "id-eit-ia5-text" ID_EIT_IA5_TEXT = 2 6 3 4 2;
    /// Group 3 facsimile:
    "id-eit-g3-facsimile" ID_EIT_G3_FACSIMILE = 2 6 3 4 3;
    /// Group 4 facsimile, class 1:
    "id-eit-g4-class-1" ID_EIT_G4_CLASS_1 = 2 6 3 4 4;
    /// Teletex:
    "id-eit-teletex" ID_EIT_TELETEX = 2 6 3 4 5;
    /// Videotex:
    "id-eit-videotex" ID_EIT_VIDEOTEX = 2 6 3 4 6;
    /// Voice:
    "id-eit-voice" ID_EIT_VOICE = 2 6 3 4 7;
    /// Simple formattable document:
    "id-eit-sfd" ID_EIT_SFD = 2 6 3 4 8;
    /// Mixed mode:
    "id-eit-mixed-mode" ID_EIT_MIXED_MODE = 2 6 3 4 9;
    /// Paper as usual:
    "id-att-physicalRendition-basic" ID_ATT_PHYSICALRENDITION_BASIC = 2 6 3 5 0;
    /// Paper without a cover page:
    "id-att-physicalRendition-no-cover-page" ID_ATT_PHYSICALRENDITION_NO_COVER_PAGE = 2 6 3 5 1;
    /// An asymmetric token:
    "id-tok-asymmetricToken" ID_TOK_ASYMMETRICTOKEN = 2 6 3 6 0;
    /// The contract of MTS access:
    "id-ct-mts-access" ID_CT_MTS_ACCESS = 2 6 3 8 0;
    /// The contract of MTS forced access:
    "id-ct-mts-forced-access" ID_CT_MTS_FORCED_ACCESS = 2 6 3 8 1;
    /// The connection package of the MTS:
    "id-cp-mts-connect" ID_CP_MTS_CONNECT = 2 6 3 9 0;
}
