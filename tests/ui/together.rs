//! What is right and needs no crate of its own, as one program: each is a module, and its `main` is called.

#[path = "actor/pass/clocks_of_its_own.rs"]
mod actor_clocks_of_its_own;
#[path = "actor/pass/conditions.rs"]
mod actor_conditions;
#[path = "actor/pass/from_a_macro.rs"]
mod actor_from_a_macro;
#[path = "actor/pass/generic.rs"]
mod actor_generic;
#[path = "actor/pass/new_beside.rs"]
mod actor_new_beside;
#[path = "actor/pass/ports_called_like_modules.rs"]
mod actor_ports_called_like_modules;
#[path = "actor/pass/raw_identifiers.rs"]
mod actor_raw_identifiers;
#[path = "actor/pass/shapes.rs"]
mod actor_shapes;
#[path = "graph/pass/made_from_anything.rs"]
mod graph_made_from_anything;
#[path = "message/pass/bounds.rs"]
mod message_bounds;
#[path = "message/pass/kinds.rs"]
mod message_kinds;
#[path = "pipeline/pass/documented_items.rs"]
mod pipeline_documented_items;
#[path = "pipeline/pass/expressions.rs"]
mod pipeline_expressions;
#[path = "pipeline/pass/from_a_macro.rs"]
mod pipeline_from_a_macro;
#[path = "pipeline/pass/gen.rs"]
mod pipeline_gen;
#[path = "pipeline/pass/generic_nodes.rs"]
mod pipeline_generic_nodes;
#[path = "pipeline/pass/grammar.rs"]
mod pipeline_grammar;
#[path = "pipeline/pass/inside_anything.rs"]
mod pipeline_inside_anything;
#[path = "pipeline/pass/names_of_the_surroundings.rs"]
mod pipeline_names_of_the_surroundings;
#[path = "pipeline/pass/node_called_clock.rs"]
mod pipeline_node_called_clock;
#[path = "pipeline/pass/on_gpu.rs"]
mod pipeline_on_gpu;
#[path = "pipeline/pass/parentheses.rs"]
mod pipeline_parentheses;
#[path = "pipeline/pass/shadowed_names.rs"]
mod pipeline_shadowed_names;

fn main() {
    actor_clocks_of_its_own::main();
    actor_conditions::main();
    actor_from_a_macro::main();
    actor_generic::main();
    actor_new_beside::main();
    actor_ports_called_like_modules::main();
    actor_raw_identifiers::main();
    actor_shapes::main();
    graph_made_from_anything::main();
    message_bounds::main();
    message_kinds::main();
    pipeline_documented_items::main();
    pipeline_expressions::main();
    pipeline_from_a_macro::main();
    pipeline_gen::main();
    pipeline_generic_nodes::main();
    pipeline_grammar::main();
    pipeline_inside_anything::main();
    pipeline_names_of_the_surroundings::main();
    pipeline_node_called_clock::main();
    pipeline_on_gpu::main();
    pipeline_parentheses::main();
    pipeline_shadowed_names::main();
}
