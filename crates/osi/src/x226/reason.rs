//! Results and reasons of X.226 §8.2.

use restante_ber::integer;

integer! {
    /// Why a presentation connection is refused by the provider.
    pub struct ProviderReason {
        /// Not said.
        REASON_NOT_SPECIFIED = 0,
        /// Too much to do for now.
        TEMPORARY_CONGESTION = 1,
        /// A limit has been reached.
        LOCAL_LIMIT_EXCEEDED = 2,
        /// There is no such presentation selector here.
        CALLED_PRESENTATION_ADDRESS_UNKNOWN = 3,
        /// The two have no version of the protocol in common.
        PROTOCOL_VERSION_NOT_SUPPORTED = 4,
        /// The default context can't be used.
        DEFAULT_CONTEXT_NOT_SUPPORTED = 5,
        /// The user data of CP could not be read.
        USER_DATA_NOT_READABLE = 6,
        /// Nobody serves this presentation selector now.
        NO_PSAP_AVAILABLE = 7,
    }
}

integer! {
    /// Why the provider aborts.
    pub struct AbortReason {
        /// Not said.
        REASON_NOT_SPECIFIED = 0,
        /// The octets are no PPDU.
        UNRECOGNIZED_PPDU = 1,
        /// The PPDU may not come now.
        UNEXPECTED_PPDU = 2,
        /// The session primitive may not come now.
        UNEXPECTED_SESSION_SERVICE_PRIMITIVE = 3,
        /// A parameter is not known.
        UNRECOGNIZED_PPDU_PARAMETER = 4,
        /// A parameter may not be there.
        UNEXPECTED_PPDU_PARAMETER = 5,
        /// A parameter has a value that it can't have.
        INVALID_PPDU_PARAMETER_VALUE = 6,
    }
}

integer! {
    /// At what the provider aborts.
    pub struct EventIdentifier {
        /// CP.
        CP_PPDU = 0,
        /// CPA.
        CPA_PPDU = 1,
        /// CPR.
        CPR_PPDU = 2,
        /// ARU.
        ARU_PPDU = 3,
        /// ARP.
        ARP_PPDU = 4,
        /// AC.
        AC_PPDU = 5,
        /// ACA.
        ACA_PPDU = 6,
        /// TD.
        TD_PPDU = 7,
        /// TTD.
        TTD_PPDU = 8,
        /// TE.
        TE_PPDU = 9,
        /// TC.
        TC_PPDU = 10,
        /// TCC.
        TCC_PPDU = 11,
        /// RS.
        RS_PPDU = 12,
        /// RSA.
        RSA_PPDU = 13,
        /// S-RELEASE indication.
        S_RELEASE_INDICATION = 14,
        /// S-RELEASE confirm.
        S_RELEASE_CONFIRM = 15,
    }
}

integer! {
    /// What became of a presentation context.
    pub struct ContextResultCode {
        /// It is defined.
        ACCEPTANCE = 0,
        /// The user has no use for it.
        USER_REJECTION = 1,
        /// The provider has none.
        PROVIDER_REJECTION = 2,
    }
}

integer! {
    /// Why the provider refused a presentation context.
    pub struct ContextReason {
        /// Not said.
        REASON_NOT_SPECIFIED = 0,
        /// The abstract syntax is not known.
        ABSTRACT_SYNTAX_NOT_SUPPORTED = 1,
        /// None of the transfer syntaxes is known.
        PROPOSED_TRANSFER_SYNTAXES_NOT_SUPPORTED = 2,
        /// There are too many contexts.
        LOCAL_LIMIT_ON_DCS_EXCEEDED = 3,
    }
}
