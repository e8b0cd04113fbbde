//! Object identifiers of X.419, MHSProtocolObjectIdentifiers.

crate::oids::oids! { "MHSProtocolObjectIdentifiers";
    /// P3, bound by the user, 1988:
    "id-ac-mts-access-88" ID_AC_MTS_ACCESS_88 = 2 6 0 1 0;
    /// P3, bound by the user, 1994:
    "id-ac-mts-access-94" ID_AC_MTS_ACCESS_94 = 2 6 0 1 7;
    /// P3, bound by the MTS, 1988:
    "id-ac-mts-forced-access-88" ID_AC_MTS_FORCED_ACCESS_88 = 2 6 0 1 1;
    /// P3, bound by the MTS, 1994:
    "id-ac-mts-forced-access-94" ID_AC_MTS_FORCED_ACCESS_94 = 2 6 0 1 8;
    /// P3 over RTSE, bound by the user, 1988:
    "id-ac-mts-reliable-access-88" ID_AC_MTS_RELIABLE_ACCESS_88 = 2 6 0 1 2;
    /// P3 over RTSE, bound by the user, 1994:
    "id-ac-mts-reliable-access-94" ID_AC_MTS_RELIABLE_ACCESS_94 = 2 6 0 1 9;
    /// P3 over RTSE, bound by the MTS, 1988:
    "id-ac-mts-forced-reliable-access-88" ID_AC_MTS_FORCED_RELIABLE_ACCESS_88 = 2 6 0 1 3;
    /// P3 over RTSE, bound by the MTS, 1994:
    "id-ac-mts-forced-reliable-access-94" ID_AC_MTS_FORCED_RELIABLE_ACCESS_94 = 2 6 0 1 10;
    /// P7, 1988:
    "id-ac-ms-access-88" ID_AC_MS_ACCESS_88 = 2 6 0 1 4;
    /// P7, 1994:
    "id-ac-ms-access-94" ID_AC_MS_ACCESS_94 = 2 6 0 1 11;
    /// P7 over RTSE, 1988:
    "id-ac-ms-reliable-access-88" ID_AC_MS_RELIABLE_ACCESS_88 = 2 6 0 1 5;
    /// P7 over RTSE, 1994:
    "id-ac-ms-reliable-access-94" ID_AC_MS_RELIABLE_ACCESS_94 = 2 6 0 1 12;
    /// P1:
    "id-ac-mts-transfer" ID_AC_MTS_TRANSFER = 2 6 0 1 6;
    /// Message submission:
    "id-as-msse" ID_AS_MSSE = 2 6 0 2 1;
    /// Message delivery, 1988:
    "id-as-mdse-88" ID_AS_MDSE_88 = 2 6 0 2 2;
    /// Message retrieval, 1988:
    "id-as-mrse-88" ID_AS_MRSE_88 = 2 6 0 2 5;
    /// Message administration, 1988:
    "id-as-mase-88" ID_AS_MASE_88 = 2 6 0 2 6;
    /// MTS-bind with RTSE:
    "id-as-mts-rtse" ID_AS_MTS_RTSE = 2 6 0 2 8;
    /// MS-bind, 1988:
    "id-as-ms-88" ID_AS_MS_88 = 2 6 0 2 9;
    /// MS-bind with RTSE:
    "id-as-ms-rtse" ID_AS_MS_RTSE = 2 6 0 2 10;
    /// MTS-bind:
    "id-as-mts" ID_AS_MTS = 2 6 0 2 11;
    /// Message submission through the store, 1994:
    "id-as-ms-msse" ID_AS_MS_MSSE = 2 6 0 2 13;
    /// Message delivery, 1994:
    "id-as-mdse-94" ID_AS_MDSE_94 = 2 6 0 2 14;
    /// Message retrieval, 1994:
    "id-as-mrse-94" ID_AS_MRSE_94 = 2 6 0 2 15;
    /// Message administration, 1994:
    "id-as-mase-94" ID_AS_MASE_94 = 2 6 0 2 16;
    /// MS-bind, 1994:
    "id-as-ms-94" ID_AS_MS_94 = 2 6 0 2 17;
}
