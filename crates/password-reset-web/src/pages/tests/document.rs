//! A page as a browser parses it.

use std::rc::Rc;

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// A parsed page.
pub(super) struct Document {
    pub(super) elements: Vec<Element>,
    pub(super) errors: Vec<String>,
}

/// An element of the page.
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: String,
    /// Names of its ancestors, outermost first.
    pub(super) ancestors: Vec<String>,
}

impl Document {
    pub(super) fn parse(html: &str) -> Self {
        let opts = ParseOpts::default();
        let dom = parse_document(RcDom::default(), opts).one(html);
        let mut elements = Vec::new();
        walk(&dom.document, &mut Vec::new(), &mut elements);
        let errors = dom.errors.borrow().iter().map(ToString::to_string).collect();
        Self { elements, errors }
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements.iter().filter(move |element| element.name == name)
    }

    pub(super) fn by_id(&self, id: &str) -> Option<&Element> {
        self.elements.iter().find(|element| element.attribute("id") == Some(id))
    }

    /// The field of this name.
    pub(super) fn field(&self, name: &str) -> Option<&Element> {
        self.elements.iter().find(|element| element.attribute("name") == Some(name) && element.name == "input")
    }
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(present, _)| present == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }

    /// The text with white space collapsed, as browsers show it.
    pub(super) fn shown(&self) -> String {
        self.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn walk(node: &Handle, ancestors: &mut Vec<String>, elements: &mut Vec<Element>) {
    let children = Rc::clone(node);
    if let NodeData::Element { name, attrs, .. } = &node.data {
        let attributes = attrs.borrow().iter().map(|a| (a.name.local.to_string(), a.value.to_string())).collect();
        let name = name.local.to_string();
        elements.push(Element { name: name.clone(), attributes, text: text(node), ancestors: ancestors.clone() });
        ancestors.push(name);
    }
    for child in children.children.borrow().iter() {
        walk(child, ancestors, elements);
    }
    if matches!(node.data, NodeData::Element { .. }) {
        ancestors.pop();
    }
}

fn text(node: &Handle) -> String {
    if let NodeData::Text { contents } = &node.data {
        return contents.borrow().to_string();
    }
    node.children.borrow().iter().map(text).collect()
}
