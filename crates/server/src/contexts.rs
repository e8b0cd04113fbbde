//! The application contexts that the store takes part in (X.419 §6, §7): those of P3 and P7 of
//! both editions, with RTSE and without. What is not here is refused by association control.

use restante_mhs::x419::{self, Port};
use restante_osi::{ApplicationContext, ContextTable};

/// All of them.
pub(crate) fn table() -> ContextTable {
    ContextTable(x419::APPLICATION_CONTEXTS.iter().filter_map(context).collect())
}

fn context(context: &x419::ApplicationContext) -> Option<ApplicationContext> {
    let [bind, operations @ ..] = context.ports();
    debug_assert_eq!(bind, Port::Bind);
    Some(ApplicationContext {
        name: context.oid().clone(),
        bind_syntax: context.abstract_syntax(bind)?,
        abstract_syntaxes: operations
            .iter()
            .filter_map(|port| context.abstract_syntax(*port))
            .collect(),
        reliable: context.reliable,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use restante_mhs::x419::oids;

    #[test]
    fn all_contexts_are_served_each_with_three_abstract_syntaxes_and_that_of_its_bind() {
        let table = table();
        assert_eq!(table.0.len(), 12);
        assert_eq!(table.0.iter().filter(|context| context.reliable).count(), 6);
        assert!(table.0.iter().all(|context| context.abstract_syntaxes.len() == 3));
        for (name, bind_syntax, reliable) in [
            (oids::ID_AC_MS_ACCESS_88, oids::ID_AS_MS_88, false),
            (oids::ID_AC_MS_RELIABLE_ACCESS_88, oids::ID_AS_MS_RTSE, true),
            (oids::ID_AC_MTS_FORCED_RELIABLE_ACCESS_94, oids::ID_AS_MTS_RTSE, true),
        ] {
            let context = table.find(&name).unwrap();
            assert_eq!((&context.bind_syntax, context.reliable), (&bind_syntax, reliable));
        }
    }
}
